Console.WriteLine("PromHost");

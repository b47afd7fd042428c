using System.Text.Json;

namespace PromHost.Server;

/// <summary>What a server answered.</summary>
/// <param name="Data">What was asked for.</param>
/// <param name="Remarks">Its warnings and infos.</param>
internal sealed record ServerAnswer(JsonElement Data, IReadOnlyList<string> Remarks);

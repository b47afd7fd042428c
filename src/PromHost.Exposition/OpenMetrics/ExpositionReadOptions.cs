namespace PromHost.Exposition;

/// <summary>What a reader of an exposition makes of it.</summary>
/// <param name="SkipCreatedSeries">
/// Are samples of <c>_created</c> left out? They say when a counter, histogram or summary began.
/// </param>
/// <param name="TypeAndUnitLabels">Do series get the labels <c>__type__</c> and <c>__unit__</c>?</param>
public readonly record struct ExpositionReadOptions(bool SkipCreatedSeries = false, bool TypeAndUnitLabels = false);

namespace Sip.B2bua.Plugins.CallRecords;

/// <summary>A call with its legs, as it is written.</summary>
/// <param name="Call">The call.</param>
/// <param name="Legs">Its legs; only the caller's for a call that was refused at once.</param>
internal sealed record CallEntry(CallRecord Call, IReadOnlyList<LegEntry> Legs);

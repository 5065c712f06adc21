namespace Sip.Headers;

/// <summary>The 128 bits of a <see cref="KeyedHash"/>.</summary>
/// <param name="High">The upper half.</param>
/// <param name="Low">The lower half.</param>
// Not an UInt128: what has one in its signature cannot be compiled ahead, and these are the first methods that every message needs.
public readonly record struct HashValue(ulong High, ulong Low);

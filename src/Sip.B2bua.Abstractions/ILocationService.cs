namespace Sip.B2bua;

/// <summary>
/// The store of bindings: the registrar writes it, the router reads it. It keeps, it does not judge: which bindings replace
/// which is the registrar's rule. Called from any loop.
/// </summary>
public interface ILocationService
{
    /// <summary>
    /// The bindings of an address-of-record (<c>user@host</c>, host in lower case) that are to be kept still
    /// (<see cref="Binding.KeptUntil"/>); empty when there are none.
    /// </summary>
    ValueTask<LocationRecord> FetchAsync(string addressOfRecord, CancellationToken cancellation = default);

    /// <summary>
    /// Puts <paramref name="bindings"/> in the place of all that <paramref name="read"/> held, unless somebody has written
    /// since: then nothing changes and the answer is false. An empty list removes the record.
    /// </summary>
    ValueTask<bool> TryStoreAsync(string addressOfRecord, LocationRecord read, IReadOnlyList<Binding> bindings, CancellationToken cancellation = default);

    /// <summary>Raised after a record was written, with its address-of-record. Handlers are called on the writer's thread and must be quick.</summary>
    event Action<string>? Changed;
}

/// <summary>What a location service knows of one address-of-record at one moment.</summary>
/// <param name="Bindings">The live bindings.</param>
/// <param name="Version">Grows with each write; 0 when there was never one.</param>
public sealed record LocationRecord(IReadOnlyList<Binding> Bindings, long Version)
{
    /// <summary>The record of an address nobody has registered.</summary>
    public static LocationRecord Empty { get; } = new([], 0);
}

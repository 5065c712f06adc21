namespace Sip.B2bua;

/// <summary>
/// Keeps messages for users who are not there. It keeps, it does not judge: who gets what is the server's business. Called from any
/// loop, and never blocks it: what takes time is awaited.
/// </summary>
public interface IMessageStore
{
    /// <summary>
    /// Keeps a message. Where there are too many, one that some device has had already makes room, the oldest first; if there is none
    /// nothing changes and the answer is false.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="maxOfAddress">How many there may be for its address.</param>
    /// <param name="maxOfAll">How many there may be for all addresses together.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<bool> TryKeepAsync(KeptMessage message, int maxOfAddress, int maxOfAll, CancellationToken cancellation = default);

    /// <summary>What is kept for an address and has not expired: the urgent before the others, else in the order of arrival.</summary>
    /// <param name="addressOfRecord">The address.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<IReadOnlyList<KeptMessage>> FetchAsync(string addressOfRecord, CancellationToken cancellation = default);

    /// <summary>Notes that a device has had a message. One that awaits devices is removed when each of them has had it.</summary>
    /// <param name="id">The message.</param>
    /// <param name="device">The device.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask DeliveredAsync(string id, string device, CancellationToken cancellation = default);

    /// <summary>The addresses for which something is kept.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<IReadOnlyList<string>> AddressesAsync(CancellationToken cancellation = default);
}

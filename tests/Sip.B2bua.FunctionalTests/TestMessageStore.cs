using System.Composition;

namespace Sip.B2bua.FunctionalTests;

/// <summary>A message store that answers at once, or after a while of virtual time, so that nothing waits for the real one.</summary>
[Store(typeof(IMessageStore), "test"), Shared]
[method: ImportingConstructor]
internal sealed class TestMessageStore(TimeProvider time) : IMessageStore
{
    [ThreadStatic]
    private static TimeSpan fetchTime;

    private readonly List<KeptMessage> messages = [];

    /// <summary>How long what is fetched is on its way. The whole server runs on the test's own thread.</summary>
    public static TimeSpan FetchTime
    {
        get => fetchTime;
        set => fetchTime = value;
    }

    public ValueTask<bool> TryKeepAsync(KeptMessage message, int maxOfAddress, int maxOfAll, CancellationToken cancellation = default)
    {
        bool ok = messages.Count < maxOfAll && messages.Count(m => m.AddressOfRecord == message.AddressOfRecord) < maxOfAddress;
        if (ok)
        {
            messages.Add(message);
        }

        return new(ok);
    }

    public async ValueTask<IReadOnlyList<KeptMessage>> FetchAsync(string addressOfRecord, CancellationToken cancellation = default)
    {
        KeptMessage[] found = [.. messages.Where(m => m.AddressOfRecord == addressOfRecord && m.Expires > time.GetUtcNow()).OrderBy(m => m.Urgency)];
        if (FetchTime > TimeSpan.Zero)
        {
            await Task.Delay(FetchTime, time, cancellation);
        }

        return found;
    }

    public ValueTask DeliveredAsync(string id, string device, CancellationToken cancellation = default)
    {
        int at = messages.FindIndex(m => m.Id == id);
        if (at >= 0)
        {
            KeptMessage noted = messages[at] with { Delivered = [.. messages[at].Delivered, device] };
            messages[at] = noted;
            if (noted.Awaited.Count > 0 && noted.Awaited.All(noted.Delivered.Contains))
            {
                messages.RemoveAt(at);
            }
        }

        return default;
    }

    public ValueTask<IReadOnlyList<string>> AddressesAsync(CancellationToken cancellation = default) =>
        new([.. messages.Select(m => m.AddressOfRecord).Distinct()]);
}

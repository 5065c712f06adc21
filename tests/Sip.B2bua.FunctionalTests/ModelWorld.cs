using System.Globalization;

namespace Sip.B2bua.FunctionalTests;

/// <summary>A server and the phones of one run of the model, in which a seed decides everything.</summary>
/// <param name="server">The server.</param>
/// <param name="random">Decides.</param>
internal sealed class ModelWorld(TestServer server, Random random)
{
    private const int FirstPort = 4000;

    private readonly List<ModelPhone> phones = [];
    private readonly List<string> ladder = [];
    private int ports;

    /// <summary>Decides.</summary>
    public Random Random => random;

    /// <summary>Whether calls are transferred.</summary>
    public bool HasTransfers { get; init; }

    /// <summary>Whether the server makes offers of its own. Who refuses what the other phone has answered to one cannot be helped (RFC 3725 6).</summary>
    public bool HasOwnOffers { get; init; }

    /// <summary>How many transfers somebody was told of that have succeeded.</summary>
    public int Transferred { get; set; }

    /// <summary>Whether nobody does anything by itself any more.</summary>
    public bool IsTired { get; set; }

    /// <summary>The phones.</summary>
    public IReadOnlyList<ModelPhone> Phones => phones;

    /// <summary>All calls of all phones.</summary>
    public IEnumerable<ModelCall> Calls => phones.SelectMany(phone => phone.Calls);

    /// <summary>What happened, in lines.</summary>
    public IReadOnlyList<string> Ladder => ladder;

    /// <summary>Adds a phone.</summary>
    public ModelPhone Add(string user)
    {
        ModelPhone phone = new(server.AddPhone(user, registered: true), this);
        phones.Add(phone);
        return phone;
    }

    /// <summary>Somebody who is there, or who is not.</summary>
    public string SomeUser() => random.Next(phones.Count + 1) is var i && i < phones.Count ? phones[i].Phone.User : "nobody";

    /// <summary>A port for audio, and the second next for video.</summary>
    public int NextPort() => FirstPort + (4 * ports++);

    /// <summary>Does something later.</summary>
    public void After(int milliseconds, Action act) =>
        server.Time.CreateTimer(_ => act(), null, TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);

    /// <summary>Writes down what a phone has done or heard.</summary>
    public void Note(TestPhone phone, string what) =>
        ladder.Add(string.Create(CultureInfo.InvariantCulture, $"{server.Time.Elapsed.TotalSeconds,8:0.000} {phone.User} {phone.Host} {what}"));
}

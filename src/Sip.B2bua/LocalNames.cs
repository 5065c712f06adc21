using System.Net;
using System.Net.NetworkInformation;
using System.Reflection;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>What <see cref="LocalDomains"/> is made from.</summary>
internal sealed record LocalNames
{
    /// <summary>Where we listen.</summary>
    public IReadOnlyList<ListeningPoint> Points { get; init; } = [];

    /// <summary><c>global/aliases</c>: further names of this server.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The machine's addresses: what a wildcard listening point stands for.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>The values of all settings marked <see cref="DeclaresDomainsAttribute"/>; <c>*</c> for every domain.</summary>
    public IReadOnlyList<string> ServedDomains { get; init; } = [];

    /// <summary>Whether a user has the same bindings in all of them.</summary>
    public bool AreOneDomain { get; init; }

    /// <summary>The addresses of all network interfaces as they are now.</summary>
    public static IReadOnlyList<IPAddress> InterfaceAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Select(one => one.Address)];

    /// <summary>The domains that options objects declare.</summary>
    /// <param name="options">The options of the modules that take part.</param>
    public static IReadOnlyList<string> DeclaredBy(IEnumerable<object> options)
    {
        List<string> domains = [];
        foreach (object one in options)
        {
            foreach (var property in one.GetType().GetProperties().Where(p => p.IsDefined(typeof(DeclaresDomainsAttribute), false)))
            {
                domains.AddRange(property.GetValue(one) switch
                {
                    IEnumerable<string> words => words,
                    string word when word.Length > 0 => [word],
                    _ => [],
                });
            }
        }

        return domains;
    }

    /// <summary>The value of the first setting that decides something for the whole server.</summary>
    /// <param name="options">The options of the modules that take part.</param>
    /// <param name="rule">What is to be decided.</param>
    /// <param name="otherwise">The value where no module decides it.</param>
    public static T Decided<T>(IEnumerable<object> options, ServerRule rule, T otherwise)
    {
        foreach (object one in options)
        {
            foreach (PropertyInfo property in one.GetType().GetProperties())
            {
                if (property.GetCustomAttribute<DecidesAttribute>()?.Rule == rule && property.GetValue(one) is T value)
                {
                    return value;
                }
            }
        }

        return otherwise;
    }
}

using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>What the caller is told where there is no way to a target.</summary>
internal static class TargetProblems
{
    /// <summary>The status code.</summary>
    public static int Code(TargetProblem problem) => problem == TargetProblem.Loop ? 482 : 480;

    /// <summary>The reason phrase.</summary>
    public static ReadOnlySpan<byte> Phrase(TargetProblem problem) => problem switch
    {
        TargetProblem.BadUri => "The target's address cannot be read"u8,
        TargetProblem.NoTransport => "The target wants a transport that this server does not have"u8,
        TargetProblem.UnknownHost => "The target's host is unknown"u8,
        TargetProblem.NoService => "The target's domain takes no calls"u8,
        TargetProblem.Loop => "The target leads back to this server"u8,
        TargetProblem.NoAnswer => "No name server has answered for the target's host"u8,
        _ => "No way to the target"u8,
    };
}

#pragma warning disable RS0030 // The one place that may write to the terminal.

namespace Sip.B2bua.Daemon;

/// <summary>The terminal that the program was started on.</summary>
internal static class Terminal
{
    /// <summary>For what was asked for.</summary>
    public static TextWriter Out => Console.Out;

    /// <summary>Whether what is written there is kept by systemd, for more eyes than those of who started the program.</summary>
    public static bool IsJournal => Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null;

    /// <summary>For mistakes and warnings.</summary>
    public static TextWriter Error => Console.Error;
}

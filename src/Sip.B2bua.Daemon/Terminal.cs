#pragma warning disable RS0030 // The one place that may write to the terminal.

namespace Sip.B2bua.Daemon;

/// <summary>The terminal that the program was started on.</summary>
internal static class Terminal
{
    /// <summary>For what was asked for.</summary>
    public static TextWriter Out => Console.Out;

    /// <summary>For mistakes and warnings.</summary>
    public static TextWriter Error => Console.Error;
}

namespace Words;

/// <summary>A library in version 1, which one of the test plug-ins brings along.</summary>
public static class Greeting
{
    /// <summary>What this version says.</summary>
    public static string Text => "words 1";
}

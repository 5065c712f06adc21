namespace Sip.B2bua;

/// <summary>
/// A condition on a SIP message, written in the filter language of the configuration file
/// (<c>from.uri.domain == 'example.org' &amp;&amp; is_request</c>). The host parses it when it reads the file; a module only asks.
/// </summary>
public abstract class BooleanExpression
{
    /// <summary>The condition that every message meets.</summary>
    public static BooleanExpression True { get; } = new FixedExpression("true", true);

    /// <summary>The condition that no message meets.</summary>
    public static BooleanExpression False { get; } = new FixedExpression("false", false);

    /// <summary>The text of the condition as it was written; empty text is true for every message.</summary>
    public abstract string Text { get; }

    /// <summary>
    /// The default of a setting, given as text: the initial value of a property. The host replaces it by the parsed condition when
    /// it fills the options object; asked before that, it throws <see cref="InvalidOperationException"/>.
    /// </summary>
    /// <param name="text">The condition in the filter language.</param>
    /// <returns>A condition that has its text only.</returns>
    public static BooleanExpression Default(string text) => new UnparsedExpression(text);

    /// <summary>Asks whether the message meets the condition. Allocates nothing for comparisons without a regular expression.</summary>
    /// <param name="message">The message's values.</param>
    /// <returns>True when it does.</returns>
    public abstract bool Evaluate(IFilterVariables message);

    /// <summary>The condition as it was written.</summary>
    /// <returns>The same as <see cref="Text"/>.</returns>
    public sealed override string ToString() => Text;

    private sealed class FixedExpression(string text, bool value) : BooleanExpression
    {
        public override string Text => text;

        public override bool Evaluate(IFilterVariables message) => value;
    }

    private sealed class UnparsedExpression(string text) : BooleanExpression
    {
        public override string Text => text;

        public override bool Evaluate(IFilterVariables message) =>
            throw new InvalidOperationException($"The condition \"{text}\" was not read by the host yet.");
    }
}

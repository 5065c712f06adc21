namespace Sip.B2bua.Modules.Filters;

/// <summary>
/// Terms joined by <c>&amp;&amp;</c> and <c>||</c> without precedence: everything right of an operator is its right side, so
/// <c>a || b &amp;&amp; c</c> is <c>a || (b &amp;&amp; c)</c> and <c>a &amp;&amp; b || c</c> is <c>a &amp;&amp; (b || c)</c>. Deployed files rely on it.
/// </summary>
internal sealed class ChainNode(FilterNode[] terms, bool[] isAnd) : FilterNode
{
    public override bool IsTrue(IFilterVariables message)
    {
        for (var i = 0; i < isAnd.Length; i++)
        {
            // A term that decides its operator decides the whole rest; else the rest is the value.
            var value = terms[i].IsTrue(message);
            if (value != isAnd[i])
            {
                return value;
            }
        }

        return terms[^1].IsTrue(message);
    }
}

using System.Globalization;
using Sip.B2bua.Calls;

namespace Sip.B2bua.Tests.Calls;

/// <summary>RFC 3261 16.7 step 6, with the choices of Flexisip where the RFC leaves one.</summary>
public sealed class BestResponseTests
{
    [Theory]
    [InlineData("486", 486)]
    [InlineData("603 600 606", 600)] // a 6xx goes before all others, the lowest of them
    [InlineData("420 300 603 600 301 504", 600)]
    [InlineData("503 302 410 404 300", 302)] // the lowest class; in it the first
    [InlineData("503 505 410 400 407 401", 407)] // in 4xx the first of those that the caller can mend
    [InlineData("404 401 420", 401)]
    [InlineData("486 415", 415)]
    [InlineData("484 420", 484)]
    [InlineData("410 404 486", 410)] // else the first
    [InlineData("480 408 486", 486)] // somebody who answered goes before a device that is not there
    [InlineData("503 500 504", 500)]
    [InlineData("503 480", 480)]
    public void The_best_of_several_answers(string codes, int best)
    {
        BestResponse response = default;
        foreach (string code in codes.Split(' '))
        {
            response.Add(int.Parse(code, CultureInfo.InvariantCulture), code, null);
        }

        Assert.Equal(best, response.Code);
        Assert.Equal(best.ToString(CultureInfo.InvariantCulture), response.Reason);
    }
}

namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// A transfer ends in one of two ways: the two hear each other, or the call is as it was and the transferor is told why. Here one of the
/// re-INVITEs that join the parties fails.
/// </summary>
public sealed class TransferRollBackTests : InMemoryTests
{
    private TestPhone transferor = null!;
    private TestPhone staying = null!;
    private TestPhone carol = null!;

    [Fact]
    public void When_the_one_who_stays_answers_from_elsewhere_the_new_party_is_told()
    {
        Settles();
        Assert.Contains("m=audio 7000 ", carol.Request.Body, StringComparison.Ordinal);
        transferor.ExpectNothing(); // as long as the new party sends to the old place, nobody has been transferred
        carol.Accepts(TestSdp.Audio(6000, version: 2));
        Succeeds();
    }

    [Theory]
    [InlineData(true, "INVITE")]
    [InlineData(true, "UPDATE")]
    [InlineData(false, "INVITE")]
    [InlineData(false, "UPDATE")]
    public void RFC_3261_14_1_While_the_parties_change_nobody_changes_the_session_with_the_one_who_leaves(bool asksStaying, string method)
    {
        Settles();
        TestPhone asking = asksStaying ? staying : transferor;
        IsRefusedForNow(asking, method);
        (asksStaying ? transferor : staying).ExpectNothing();
        carol.Accepts(TestSdp.Audio(6000, version: 2));
        Succeeds();
    }

    [Fact]
    public void RFC_3261_14_1_While_the_one_who_stays_is_given_back_nobody_changes_the_session()
    {
        Settles();
        carol.Refuses(488);
        carol.IsHungUpOn();
        staying.Await("INVITE", 0.1);
        TestMessage restoring = staying.Request;
        IsRefusedForNow(transferor, "INVITE");
        staying.Accepts(restoring, TestSdp.Audio(staying.MediaPort(), version: 3));
        transferor.HearsOf("SIP/2.0 488 Not Acceptable Here", "terminated");
        Server.Hold(transferor, staying, version: 4);
        Server.End(transferor, staying);
    }

    [Fact]
    public void A_transferor_that_answers_no_NOTIFY_delays_nothing()
    {
        Settles(isTold: false);
        carol.Accepts(TestSdp.Audio(6000, version: 2));
        Server.Hold(carol, staying, version: 4);
        Server.Advance(4.1);
        Assert.Equal("BYE", transferor.Pick(m => m.Method == "BYE", "BYE").Method);
        transferor.Reply(200);
        Server.Advance(40);
        transferor.Skip();
        Server.End(staying, carol);
    }

    [Theory]
    [InlineData(491, "")]
    [InlineData(500, "Retry-After: 3")]
    [InlineData(500, "Retry-After: 3;duration=60")]
    [InlineData(500, "Retry-After: 3 (on the other line)")]
    [InlineData(500, "Retry-After: 0")]
    public void RFC_3261_14_1_What_the_new_party_does_not_take_now_it_is_told_again(int code, string header)
    {
        Settles();
        carol.Reply(code, headers: header);
        carol.Expect("ACK");
        transferor.ExpectNothing();
        Assert.Contains("m=audio 7000 ", carol.Await("INVITE", code == 500 ? 7.1 : 4.1).Body, StringComparison.Ordinal);
        carol.Accepts(TestSdp.Audio(6000, version: 2));
        Succeeds();
    }

    [Theory]
    [InlineData(488, "SIP/2.0 488 Not Acceptable Here")]
    [InlineData(500, "SIP/2.0 500 Server Internal Error")]
    [InlineData(481, "SIP/2.0 481 Call/Transaction Does Not Exist")]
    public void When_the_new_party_refuses_where_the_other_is_the_one_who_stays_is_given_back(int code, string told)
    {
        Settles();
        carol.Refuses(code);
        carol.IsHungUpOn();
        IsGivenBack(told);
    }

    [Fact]
    public void When_the_new_party_never_answers_the_one_who_stays_is_given_back()
    {
        Settles();
        carol.Await("BYE");
        carol.Reply(200);
        carol.Skip();
        IsGivenBack("SIP/2.0 408 Request Timeout");
    }

    [Fact]
    public void When_the_new_party_stays_in_glare_the_one_who_stays_is_given_back()
    {
        Settles();
        for (int i = 0; i < 7; i++)
        {
            carol.Refuses(491);
            if (i < 6)
            {
                carol.Await("INVITE", 4.1);
            }
        }

        carol.IsHungUpOn();
        IsGivenBack("SIP/2.0 491 Request Pending");
    }

    [Fact]
    public void When_the_new_party_hangs_up_at_the_end_the_one_who_stays_is_given_back()
    {
        Settles();
        TestMessage offer = carol.Request;
        carol.Leaves();
        carol.Reply(offer, 487);
        carol.Skip();
        IsGivenBack("SIP/2.0 487 Request Terminated");
    }

    [Fact]
    public void When_the_one_who_stays_hangs_up_at_the_end_nobody_is_left()
    {
        Settles();
        TestMessage offer = carol.Request;
        staying.Leaves();
        transferor.IsHungUpOn();
        carol.Expect("BYE");
        carol.Reply(200);
        carol.Reply(offer, 487);
        carol.Skip();
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(488)]
    [InlineData(200)]
    public void A_transferor_who_hangs_up_at_the_end_leaves_two_who_talk_or_nobody(int code)
    {
        Settles();
        transferor.Leaves();
        if (code == 200)
        {
            carol.Accepts(TestSdp.Audio(6000, version: 2));
            Server.Hold(carol, staying, version: 5);
            Server.End(staying, carol);
            return;
        }

        carol.Refuses(code);
        carol.IsHungUpOn();
        Server.Advance(0.1);
        staying.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(491, "SIP/2.0 491 Request Pending")]
    [InlineData(500, "SIP/2.0 500 Server Internal Error")]
    [InlineData(606, "SIP/2.0 606 Not Acceptable")]
    public void When_the_one_who_stays_refuses_the_new_party_is_hung_up_and_the_call_goes_on(int code, string told)
    {
        Joins();
        for (int i = 0; i < (code == 491 ? 7 : 1); i++)
        {
            staying.Refuses(code);
            if (i < 6 && code == 491)
            {
                staying.Await("INVITE", 4.1);
            }
        }

        carol.IsHungUpOn();
        transferor.HearsOf(told, "terminated");
        Server.Hold(transferor, staying, version: 4);
        Server.End(transferor, staying);
    }

    [Theory]
    [InlineData(481)]
    [InlineData(408)]
    public void RFC_3261_12_2_1_2_When_the_one_who_stays_is_gone_nobody_is_left(int code)
    {
        Joins();
        staying.Refuses(code);
        staying.IsHungUpOn(); // perhaps it hears the BYE
        carol.IsHungUpOn();
        transferor.Expect("NOTIFY");
        transferor.Reply(200);
        transferor.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void When_the_one_who_stays_never_answers_nobody_is_left()
    {
        Joins();
        carol.Await("BYE");
        carol.Reply(200);
        transferor.HearsOf("SIP/2.0 408 Request Timeout", "terminated");
        transferor.IsHungUpOn();
        staying.Await("BYE");
        staying.Reply(200);
        staying.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3261_14_1_Who_is_given_back_and_cannot_hear_of_it_now_is_told_again()
    {
        Settles();
        carol.Refuses(488);
        carol.IsHungUpOn();
        staying.Await("INVITE", 0.1);
        staying.Refuses(491);
        Assert.Contains($"m=audio {transferor.MediaPort()} ", staying.Await("INVITE", 4.1).Body, StringComparison.Ordinal);
        staying.Accepts(TestSdp.Audio(7000, version: 3));
        transferor.HearsOf("SIP/2.0 488 Not Acceptable Here", "terminated");
        Server.Hold(transferor, staying, version: 4);
        Server.End(transferor, staying);
    }

    [Theory]
    [InlineData(488)]
    [InlineData(500)]
    public void Who_is_given_back_and_refuses_would_speak_to_nobody_so_both_are_hung_up_and_told_why(int code)
    {
        Settles();
        carol.Refuses(488);
        carol.IsHungUpOn();
        staying.Await("INVITE", 0.1);
        staying.Refuses(code);
        transferor.HearsOf("SIP/2.0 488 Not Acceptable Here", "terminated");
        foreach (TestPhone phone in new[] { transferor, staying })
        {
            phone.IsHungUpOn();
            Assert.Equal("SIP;cause=488;text=\"the session before the transfer could not be restored\"", phone.Request.Header("Reason"));
        }

        Server.ExpectNothingLeft();
    }

    private static void IsRefusedForNow(TestPhone phone, string method)
    {
        string hold = TestSdp.Audio(phone.MediaPort(), "sendonly", version: 2);
        if (method == "INVITE")
        {
            phone.Reinvite(hold);
            phone.Expect(100);
        }
        else
        {
            phone.Ask(method, hold);
        }

        phone.Expect(491, method);
    }

    private void Joins(bool isTold = true)
    {
        (staying, transferor) = Server.AddPair();
        carol = Server.AddPhone("carol", registered: true);
        Server.Call(staying, transferor);
        if (isTold)
        {
            transferor.Refers("<sip:carol@example.org>");
        }
        else
        {
            transferor.Ask("REFER", headers: "Refer-To: <sip:carol@example.org>");
            transferor.Expect(202);
        }

        carol.Expect("INVITE");
        carol.Accepts(TestSdp.Audio(6000));
        Assert.Contains("m=audio 6000 ", staying.Expect("INVITE").Body, StringComparison.Ordinal);
    }

    // The one who stays has taken another port for the new party, which hears of it now.
    private void Settles(bool isTold = true)
    {
        Joins(isTold);
        staying.Accepts(TestSdp.Audio(7000, version: 2));
        carol.Expect("INVITE");
    }

    private void Succeeds()
    {
        transferor.HearsOf("SIP/2.0 200 OK", "terminated");
        transferor.Leaves();
        Server.Hold(carol, staying, version: 4);
        Server.End(staying, carol);
    }

    private void IsGivenBack(string told)
    {
        Assert.Contains($"m=audio {transferor.MediaPort()} ", staying.Await("INVITE", 0.1).Body, StringComparison.Ordinal);
        staying.Accepts(TestSdp.Audio(staying.MediaPort(), version: 3));
        transferor.HearsOf(told, "terminated");
        Server.Hold(transferor, staying, version: 4);
        Server.End(staying, transferor);
    }
}

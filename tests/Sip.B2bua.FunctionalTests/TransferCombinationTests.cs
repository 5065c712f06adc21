using System.Globalization;

namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// Transfers that meet something else: a hold, a change of the session, another transfer, a target that forks, redirects or is the transferor
/// itself. At the end everybody has heard one session whose versions grow by one (RFC 3264 8), and nothing is left.
/// </summary>
public sealed class TransferCombinationTests : InMemoryTests
{
    private const string Carol = "sip:carol@example.org";

    private TestPhone transferor = null!;
    private TestPhone staying = null!;
    private TestPhone carol = null!;

    [Fact]
    public void The_transferor_takes_the_call_back_from_hold_while_the_new_party_rings_and_puts_it_on_hold_again()
    {
        Connect();
        Server.Hold(transferor, staying);
        TestMessage invite = Rings();
        Server.Change(transferor, staying, Sdp(transferor, "sendrecv", 3), Sdp(staying, "sendrecv", 3));
        Server.Hold(transferor, staying, version: 4);
        Answers(invite);
        Joins(version: 5);
    }

    [Fact]
    public void The_one_who_stays_holds_and_goes_on_while_the_new_party_rings()
    {
        Connect();
        TestMessage invite = Rings();
        Server.Hold(staying, transferor, version: 2);
        Answers(invite);
        Joins(version: 3);
    }

    [Fact]
    public void A_change_of_the_one_who_stays_that_meets_the_offer_of_the_transfer_gets_491_and_works_afterwards()
    {
        Connect();
        Answers(Rings());
        TestMessage offer = staying.Expect("INVITE");
        staying.Reinvite(Sdp(staying, "sendonly", 2));
        staying.Expect(491);
        staying.Reply(offer, 491);
        staying.Expect("ACK");
        Assert.Contains("m=audio 6000 ", staying.Await("INVITE", 4.1).Body, StringComparison.Ordinal);
        staying.Accepts(Sdp(staying, "sendrecv", 1));
        Ends();
    }

    [Fact]
    public void A_transfer_in_the_middle_of_a_hold_waits_for_nobody()
    {
        Connect();
        transferor.Reinvite(Sdp(transferor, "sendonly", 2));
        TestMessage hold = staying.Expect("INVITE");
        transferor.Expect(100);
        transferor.Refers($"<{Carol}>");
        TestMessage invite = carol.Expect("INVITE");
        staying.Reply(hold, 200, Sdp(staying, "recvonly", 2));
        staying.Expect("ACK");
        transferor.Await(200, "INVITE");
        transferor.Ack();
        Answers(invite);
        Joins(version: 3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_target_with_two_phones_is_answered_at_one_and_the_other_stops(bool second)
    {
        Connect();
        TestPhone other = Server.AddPhone("carol", registered: true);
        transferor.Refers($"<{Carol}>");
        foreach (TestPhone phone in new[] { carol, other })
        {
            phone.Expect("INVITE");
            phone.Reply(180);
        }

        transferor.HearsOf("SIP/2.0 180 Ringing");
        (carol, other) = second ? (other, carol) : (carol, other);
        carol.Reply(carol.Dialog.ReceivedInvite!, 200, Sdp(carol));
        carol.Expect("ACK");
        other.IsCancelled();
        Joins(version: 2);
    }

    [Fact]
    public void A_transfer_to_the_transferor_itself_rings_at_its_phones()
    {
        Connect();
        transferor.Refers($"<{transferor.AddressOfRecord}>");
        TestDialog old = transferor.Dialog;
        transferor.Await("INVITE");
        transferor.Reply(200, TestSdp.Audio(5100));
        transferor.Expect("ACK");
        TestDialog now = transferor.Dialog;
        Assert.Contains("m=audio 5100 ", staying.Expect("INVITE").Body, StringComparison.Ordinal);
        staying.Accepts();
        transferor.HearsOf("SIP/2.0 200 OK", "terminated");
        transferor.Dialog = old;
        transferor.Leaves();
        transferor.Dialog = now;
        InOrder(staying);
        Server.End(staying, transferor);
    }

    [Theory]
    [InlineData("tel:+15551234", "SIP/2.0 404 Not Found")]
    [InlineData("sips:carol@example.org", "")]
    [InlineData("urn:service:sos", "SIP/2.0 404 Not Found")]
    [InlineData("http://example.org/", "")]
    public void A_transfer_to_another_kind_of_address_succeeds_or_leaves_the_call_as_it_was(string to, string told)
    {
        Connect();
        transferor.Ask("REFER", headers: $"Refer-To: <{to}>");
        Server.Settle();
        TestMessage last = transferor.Received[^1];
        Assert.True(told.Length == 0 || last.Body == told + "\r\n" || last.Code >= 400 || last.Method == "NOTIFY", last.Text);
        while (transferor.Received.Any(message => message.Method == "NOTIFY" && message.Body.StartsWith("SIP/2.0 100", StringComparison.Ordinal)))
        {
            transferor.Await("NOTIFY");
            transferor.Reply(200);
            if (!transferor.Request.Body.StartsWith("SIP/2.0 100", StringComparison.Ordinal))
            {
                Assert.StartsWith("terminated", transferor.Request.Header("Subscription-State"), StringComparison.Ordinal);
                break;
            }
        }

        transferor.Skip();
        carol.ExpectNothing();
        Server.Hold(transferor, staying);
        Server.End(transferor, staying);
    }

    [Theory]
    [InlineData(302, "SIP/2.0 302 Moved Temporarily")]
    [InlineData(429, "SIP/2.0 429 Provide Referrer Identity")]
    [InlineData(407, "SIP/2.0 403 Forbidden")]
    [InlineData(503, "SIP/2.0 500 Server Internal Error")]
    public void What_the_target_refuses_with_the_transferor_hears(int code, string told)
    {
        Connect();
        transferor.Refers($"<{Carol}>");
        carol.Expect("INVITE");
        carol.Reply(code, headers: code == 302 ? "Contact: <sip:nobody@example.org>" : "Proxy-Authenticate: Digest realm=\"x\", nonce=\"y\"");
        carol.Expect("ACK");
        Assert.Equal(told + "\r\n", transferor.HearsOf(told).Body);
        InOrder(staying);
        Server.Hold(transferor, staying);
        Server.End(transferor, staying);
    }

    [Fact]
    public void A_target_that_redirects_to_voice_mail_is_followed()
    {
        Connect();
        TestPhone mail = Server.AddPhone("mail", registered: true);
        transferor.Refers($"<{Carol}>");
        carol.Expect("INVITE");
        carol.Reply(302, headers: "Contact: <sip:mail@example.org>");
        carol.Expect("ACK");
        Server.Settle();
        carol = mail;
        carol.Expect("INVITE");
        carol.Accepts(TestSdp.Audio(6000));
        Joins(version: 2);
    }

    [Fact]
    public void A_REFER_with_a_signed_Referred_By_is_taken_and_the_new_party_learns_who_we_know_it_was()
    {
        Connect();
        transferor.Ask("REFER", "--b\r\nContent-Type: message/sipfrag\r\n\r\nReferred-By: x\r\n--b--\r\n",
            $"Refer-To: <{Carol}>\r\nReferred-By: <sip:mallory@example.org>;cid=\"1@x\"", "multipart/signed;boundary=b");
        transferor.Expect(202);
        transferor.HearsOf("SIP/2.0 100 Trying");
        TestMessage invite = carol.Expect("INVITE");
        Assert.Equal("<sip:bob@example.org>", invite.Header("Referred-By"));
        Answers(invite);
        Joins(version: 2);
    }

    [Fact]
    public void RFC_3261_12_2_2_A_REFER_after_the_call_gets_481()
    {
        Connect();
        Server.HangUp(staying, transferor);
        transferor.Ask("REFER", headers: $"Refer-To: <{Carol}>");
        transferor.Expect(481);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_REFER_before_the_call_is_answered_is_refused_and_the_call_rings_on()
    {
        (staying, transferor) = Server.AddPair();
        carol = Server.AddPhone("carol", registered: true);
        Server.Ring(staying, transferor);
        TestMessage invite = transferor.Dialog.ReceivedInvite!;
        transferor.Ask("REFER", headers: $"Refer-To: <{Carol}>");
        transferor.Expect(403);
        transferor.Reply(invite, 200, Sdp(transferor));
        transferor.Expect("ACK");
        staying.Expect(200);
        staying.Ack();
        Server.End(staying, transferor);
    }

    [Fact]
    public void Both_parties_hang_up_while_the_new_one_rings()
    {
        Connect();
        Rings();
        transferor.Leaves();
        staying.Leaves();
        carol.IsCancelled();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void The_new_party_answers_when_the_one_who_stays_has_just_hung_up()
    {
        Connect();
        TestMessage invite = Rings();
        staying.Bye();
        carol.Reply(invite, 200, Sdp(carol));
        staying.Expect(200, "BYE");
        transferor.IsHungUpOn();
        carol.Await("CANCEL");
        carol.Reply(200);
        carol.Await("BYE");
        carol.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_call_is_transferred_ten_times_and_no_more()
    {
        Connect();
        (TestPhone a, TestPhone b) = (staying, transferor);
        TestPhone next = carol;
        for (int i = 0; i < 10; i++)
        {
            b.Refers($"<{next.AddressOfRecord}>");
            next.Await("INVITE");
            next.Reply(200, TestSdp.Audio(6000 + (10 * i)));
            next.Expect("ACK");
            a.Expect("INVITE");
            a.Accepts(TestSdp.Audio(a.MediaPort(), version: 20 + i));
            if (a.Received.Count > 0)
            {
                Server.Settle();
            }

            Settles(next);
            b.HearsOf("SIP/2.0 200 OK");
            b.Leaves();
            InOrder(a);
            (b, next) = (next, b);
            next.Register();
        }

        b.Ask("REFER", headers: $"Refer-To: <{next.AddressOfRecord}>");
        b.Expect(403);
        Server.End(a, b);
    }

    [Fact]
    public void A_transferred_call_is_transferred_with_consultation()
    {
        Connect();
        Answers(Rings());
        staying.Expect("INVITE");
        staying.Accepts(Sdp(staying));
        transferor.HearsOf("SIP/2.0 200 OK");
        transferor.Leaves();
        TestDialog first = carol.Dialog;
        TestPhone dave = Server.AddPhone("dave", registered: true);
        Server.Hold(carol, staying, version: 5);
        Server.Call(carol, dave);
        TestDialog second = carol.Dialog;
        Server.Hold(carol, dave);
        carol.Dialog = first;
        carol.Refers($"<{dave.AddressOfRecord}?Replaces={Uri.EscapeDataString(second.Replaces())}>");
        carol.IsHungUpOn();
        Assert.Contains("a=sendrecv", dave.Expect("INVITE").Body, StringComparison.Ordinal);
        dave.Accepts(TestSdp.Audio(7000, version: 6));
        Assert.Contains("a=sendrecv", staying.Expect("INVITE").Body, StringComparison.Ordinal);
        staying.Accepts(TestSdp.Audio(staying.MediaPort(), version: 6));
        carol.HearsOf("SIP/2.0 200 OK");
        carol.Dialog = first;
        carol.Leaves();
        InOrder(staying);
        InOrder(dave);
        Server.End(staying, dave);
    }

    [Fact]
    public void RFC_3891_3_A_transferor_that_names_the_call_itself_is_told_so()
    {
        Connect();
        TestDialog own = transferor.Dialog;
        transferor.Refers($"<{Carol}?Replaces={Uri.EscapeDataString(own.Replaces())}>");
        transferor.HearsOf("SIP/2.0 481 Call/Transaction Does Not Exist", "terminated");
        Server.Hold(transferor, staying);
        Server.End(transferor, staying);
    }

    private void Connect()
    {
        (staying, transferor) = Server.AddPair();
        staying.Register();
        carol = Server.AddPhone("carol", registered: true);
        Server.Call(staying, transferor);
    }

    private TestMessage Rings()
    {
        transferor.Refers($"<{Carol}>");
        TestMessage invite = carol.Expect("INVITE");
        carol.Reply(180);
        transferor.HearsOf("SIP/2.0 180 Ringing");
        return invite;
    }

    private void Answers(TestMessage invite)
    {
        carol.Reply(invite, 200, Sdp(carol));
        carol.Expect("ACK");
    }

    private void Joins(int version)
    {
        string offer = staying.Expect("INVITE").Body;
        Assert.Contains("m=audio 6000 ", offer, StringComparison.Ordinal);
        Assert.Contains("a=sendrecv", offer, StringComparison.Ordinal);
        staying.Accepts(Sdp(staying, "sendrecv", version));
        Ends();
    }

    private void Ends()
    {
        transferor.HearsOf("SIP/2.0 200 OK", "terminated");
        transferor.Leaves();
        Server.Hold(staying, carol, version: 9);
        InOrder(staying);
        InOrder(carol);
        Server.End(carol, staying);
    }

    // Told of the other's place once more, it agrees.
    private static void Settles(TestPhone phone)
    {
        TestMessage? settle = phone.Received.LastOrDefault(message => message.Method == "INVITE" && message.IsRequest);
        if (settle is not null && settle.ToTag.Length > 0 && phone.Request != settle)
        {
            phone.Expect("INVITE");
            phone.Accepts();
        }
    }

    // RFC 3264 8: in each dialog one session, whose version is one more when, and only when, something has changed.
    private static void InOrder(TestPhone phone)
    {
        foreach (IGrouping<string, TestMessage> dialog in phone.Received.Where(message => message.Body.StartsWith("v=0", StringComparison.Ordinal)).GroupBy(message => message.CallId))
        {
            string[]? before = null;
            foreach (TestMessage message in dialog)
            {
                string[] now = message.Body.Split("\r\no=")[1].Split("\r\n", 2);
                string[] words = now[0].Split(' ');
                string[] old = (before ?? now)[0].Split(' ');
                Assert.Equal((old[0], old[1], old[5]), (words[0], words[1], words[5]));
                int step = before is null || before[1] == now[1] ? 0 : 1;
                Assert.Equal(long.Parse(old[2], CultureInfo.InvariantCulture) + step, long.Parse(words[2], CultureInfo.InvariantCulture));
                before = now;
            }
        }
    }

    private static string Sdp(TestPhone phone, string direction = "sendrecv", int version = 1) => TestSdp.Audio(phone.MediaPort(), direction, version);
}

using Sip.Sdp;

namespace Sip.Tests.Sdp;

public class OfferAnswerTests
{
    private readonly OfferAnswer turn = new();

    [Fact]
    public void Our_offer_waits_for_their_answer()
    {
        Assert.True(turn.SendOffer());
        Assert.Equal(OfferAnswerState.LocalOffer, turn.State);
        Assert.True(turn.ReceiveAnswer());
        Assert.Equal(OfferAnswerState.Stable, turn.State);
    }

    [Fact]
    public void Their_offer_waits_for_our_answer()
    {
        Assert.Equal(OfferVerdict.Accepted, turn.ReceiveOffer());
        Assert.False(turn.SendOffer());
        Assert.True(turn.SendAnswer());
        Assert.Equal(OfferAnswerState.Stable, turn.State);
    }

    [Fact]
    public void Two_offers_that_cross_are_glare() // RFC 3261 14.2
    {
        turn.SendOffer();
        Assert.Equal(OfferVerdict.Glare, turn.ReceiveOffer());
        Assert.Equal(OfferAnswerState.LocalOffer, turn.State);
    }

    [Fact]
    public void A_second_offer_before_our_answer_is_too_early() // RFC 3311 5.2
    {
        turn.ReceiveOffer();
        Assert.Equal(OfferVerdict.AnswerPending, turn.ReceiveOffer());
        Assert.Equal(OfferAnswerState.RemoteOffer, turn.State);
    }

    [Fact]
    public void An_answer_repeated_in_a_later_response_is_no_news() // RFC 3261 13.2.1
    {
        turn.SendOffer();
        Assert.True(turn.ReceiveAnswer());
        Assert.False(turn.ReceiveAnswer());
        Assert.False(turn.SendAnswer());
        Assert.Equal(OfferAnswerState.Stable, turn.State);
    }

    [Fact]
    public void A_refused_first_offer_leaves_nothing_and_a_refused_later_one_what_was() // RFC 3264 8
    {
        turn.SendOffer();
        turn.Reject();
        Assert.Equal(OfferAnswerState.None, turn.State);
        turn.SendOffer();
        turn.ReceiveAnswer();
        turn.ReceiveOffer();
        turn.Reject();
        Assert.Equal(OfferAnswerState.Stable, turn.State);
        Assert.True(turn.IsEstablished);
    }

    [Fact]
    public void Reversing_a_direction_swaps_who_sends() // RFC 3264 6.1
    {
        Assert.Equal(SdpDirection.RecvOnly, SdpDirections.Reverse(SdpDirection.SendOnly));
        Assert.Equal(SdpDirection.SendOnly, SdpDirections.Reverse(SdpDirection.RecvOnly));
        Assert.Equal(SdpDirection.Inactive, SdpDirections.Reverse(SdpDirection.Inactive));
        Assert.Equal(SdpDirection.SendRecv, SdpDirections.Reverse(SdpDirection.SendRecv));
    }
}

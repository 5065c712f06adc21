using Sip.Transactions;

namespace Sip.Tests.Transactions;

public sealed class TransactionUsersTests
{
    private readonly TransactionUsers<object> users = new();

    [Fact]
    public void Each_transaction_finds_its_own_user_and_nobody_after_it_let_go()
    {
        object[] own = [.. Enumerable.Range(0, 1000).Select(_ => new object())];
        int[] places = new int[own.Length];
        for (int i = 0; i < own.Length; i++)
        {
            users.Set(ref places[i], own[i]);
        }

        Assert.All(own.Zip(places), pair => Assert.Same(pair.First, users[pair.Second]));
        int left = places[500];
        users.Set(ref places[500], null);
        Assert.Equal(0, places[500]);
        Assert.Null(users[left]);
        Assert.Same(own[501], users[places[501]]);
    }

    [Fact]
    public void A_new_user_takes_the_place_of_the_one_before()
    {
        int place = 0;
        users.Set(ref place, this);
        int taken = place;
        object next = new();
        users.Set(ref place, next);
        Assert.Equal(taken, place);
        Assert.Same(next, users[place]);
    }

    [Fact]
    public void Nobody_is_told_where_there_is_no_user_and_letting_go_twice_gives_back_once()
    {
        int place = 0;
        users.Set(ref place, null);
        Assert.Null(users[0]);
        users.Set(ref place, this);
        users.Set(ref place, null);
        users.Set(ref place, null);
        int a = 0;
        int b = 0;
        users.Set(ref a, this);
        users.Set(ref b, this);
        Assert.NotEqual(a, b);
    }

    [Fact]
    public void The_place_taken_last_is_the_first_to_be_taken_again()
    {
        int first = 0;
        int second = 0;
        users.Set(ref first, this);
        users.Set(ref second, this);
        int taken = second;
        users.Set(ref second, null);
        users.Set(ref second, this);
        Assert.Equal(taken, second);
    }
}

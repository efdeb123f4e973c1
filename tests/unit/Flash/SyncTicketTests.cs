using Emulator.Flash;

namespace Emulator.UnitTests.Flash;

public class SyncTicketTests
{
    [Theory]
    [InlineData(0u, 0u, true)]
    [InlineData(0u, 7u, true)]
    [InlineData(1u, 0u, false)]
    [InlineData(uint.MaxValue, 0u, false)]
    [InlineData(7u, 7u, true)]
    [InlineData(6u, 7u, true)]
    [InlineData(8u, 7u, false)]
    [InlineData(uint.MaxValue, 1u, true)]
    [InlineData(1u, uint.MaxValue, false)]
    public void It_is_over_when_those_up_to_it_are_also_where_numbers_wrap(uint number, uint ended, bool isOver) =>
        Assert.Equal(isOver, new SyncTicket(number).IsOver(new SyncTicket(ended)));

    [Fact]
    public void None_comes_before_all_and_is_never_given_out()
    {
        var last = new SyncTicket(uint.MaxValue);
        Assert.Equal(1u, last.Next().Number);
        Assert.Equal(last, SyncTicket.Later(default, last));
        Assert.Equal(last, SyncTicket.Later(last, default));
        Assert.Equal(last.Next(), SyncTicket.Later(last, last.Next()));
    }
}

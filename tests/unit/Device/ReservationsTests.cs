using Emulator.Device;
using Emulator.Wire;
using static Emulator.Wire.ReservationNotificationType;
using static Emulator.Wire.ReservationType;

namespace Emulator.UnitTests.Device;

/// <summary>Registrants and reservations of a namespace (Base 2.1, 8.1.22).</summary>
public sealed class ReservationsTests
{
    private static readonly UInt128 A = new(1, 0xA);
    private static readonly UInt128 B = new(1, 0xB);
    private static readonly UInt128 C = new(1, 0xC);

    private readonly Reservations _reservations = new();
    private readonly List<ReservationNotice> _notices = [];

    [Theory]
    [InlineData(None, true, true, true, true)]
    [InlineData(WriteExclusive, true, false, true, false)]
    [InlineData(ExclusiveAccess, false, false, false, false)]
    [InlineData(WriteExclusiveRegistrantsOnly, true, true, true, false)]
    [InlineData(ExclusiveAccessRegistrantsOnly, true, true, false, false)]
    [InlineData(WriteExclusiveAllRegistrants, true, true, true, false)]
    [InlineData(ExclusiveAccessAllRegistrants, true, true, false, false)]
    public void Access_depends_on_the_type_and_on_who_asks(
        ReservationType type, bool registrantReads, bool registrantWrites, bool otherReads, bool otherWrites)
    {
        Hold(type);
        Assert.True(_reservations.Permits(A, IoAccess.Read));
        Assert.True(_reservations.Permits(A, IoAccess.Write));
        Assert.Equal(registrantReads, _reservations.Permits(B, IoAccess.Read));
        Assert.Equal(registrantWrites, _reservations.Permits(B, IoAccess.Write));
        Assert.Equal(otherReads, _reservations.Permits(C, IoAccess.Read));
        Assert.Equal(otherWrites, _reservations.Permits(C, IoAccess.Write));
    }

    [Fact]
    public void A_host_registers_one_key_and_replaces_it_when_it_knows_it()
    {
        Assert.Equal(Status.Success, _reservations.Register(A, 1));
        Assert.Equal(Status.Success, _reservations.Register(A, 1));
        Assert.Equal(Status.ReservationConflict, _reservations.Register(A, 2));
        Assert.Equal(Status.ReservationConflict, _reservations.Replace(A, 3, 2, ignoreKey: false));
        Assert.Equal(Status.ReservationConflict, _reservations.Replace(B, 1, 2, ignoreKey: false));
        Assert.Equal(Status.Success, _reservations.Replace(A, 1, 2, ignoreKey: false));
        Assert.Equal(Status.Success, _reservations.Replace(A, 9, 3, ignoreKey: true));
        Assert.Equal(Status.Success, _reservations.Replace(B, 9, 4, ignoreKey: true));
        Assert.Equal([new Registrant(A, 3), new Registrant(B, 4)], _reservations.Registrants);
        Assert.Equal(5u, _reservations.Generation);
    }

    [Fact]
    public void A_host_unregisters_with_its_key_or_without_regard_to_it()
    {
        _reservations.Register(A, 1);
        Assert.Equal(Status.ReservationConflict, _reservations.Unregister(A, 2, ignoreKey: false, _notices));
        Assert.Equal(Status.ReservationConflict, _reservations.Unregister(B, 1, ignoreKey: false, _notices));
        Assert.Equal(Status.Success, _reservations.Unregister(A, 2, ignoreKey: true, _notices));
        Assert.Equal(Status.Success, _reservations.Unregister(A, 2, ignoreKey: true, _notices));
        Assert.Empty(_reservations.Registrants);
    }

    [Theory]
    [InlineData(WriteExclusive, None, false)]
    [InlineData(ExclusiveAccess, None, false)]
    [InlineData(WriteExclusiveRegistrantsOnly, None, true)]
    [InlineData(ExclusiveAccessRegistrantsOnly, None, true)]
    [InlineData(WriteExclusiveAllRegistrants, WriteExclusiveAllRegistrants, false)]
    [InlineData(ExclusiveAccessAllRegistrants, ExclusiveAccessAllRegistrants, false)]
    public void A_reservation_goes_with_its_last_holder(ReservationType type, ReservationType left, bool isTold)
    {
        Hold(type);
        _reservations.Unregister(A, 1, ignoreKey: false, _notices);
        Assert.Equal(left, _reservations.Type);
        Assert.Equal(isTold ? [new ReservationNotice(B, ReservationReleased)] : [], _notices);
        _reservations.Unregister(B, 2, ignoreKey: false, _notices);
        Assert.Equal(None, _reservations.Type);
    }

    [Fact]
    public void Acquiring_takes_a_registration_its_key_and_that_nobody_holds_another()
    {
        Assert.Equal(Status.ReservationConflict, _reservations.Acquire(A, 1, WriteExclusive));
        Hold(WriteExclusive);
        Assert.Equal(Status.ReservationConflict, _reservations.Acquire(A, 2, WriteExclusive));
        Assert.Equal(Status.Success, _reservations.Acquire(A, 1, WriteExclusive));
        Assert.Equal(Status.ReservationConflict, _reservations.Acquire(A, 1, ExclusiveAccess));
        Assert.Equal(Status.ReservationConflict, _reservations.Acquire(B, 2, WriteExclusive));
        Assert.Equal(Status.InvalidField, _reservations.Acquire(A, 1, None));
    }

    [Fact]
    public void Every_registrant_holds_a_reservation_of_all()
    {
        Hold(WriteExclusiveAllRegistrants);
        Assert.Equal(Status.Success, _reservations.Acquire(B, 2, WriteExclusiveAllRegistrants));
        Assert.Equal(Status.Success, _reservations.Release(B, 2, WriteExclusiveAllRegistrants, _notices));
        Assert.Equal(None, _reservations.Type);
        Assert.Equal([new ReservationNotice(A, ReservationReleased)], _notices);
    }

    [Theory]
    [InlineData(WriteExclusive, false)]
    [InlineData(ExclusiveAccess, false)]
    [InlineData(WriteExclusiveRegistrantsOnly, true)]
    [InlineData(ExclusiveAccessAllRegistrants, true)]
    public void A_release_is_told_to_the_registrants_that_could_write_before(ReservationType type, bool isTold)
    {
        Hold(type);
        Assert.Equal(Status.Success, _reservations.Release(A, 1, type, _notices));
        Assert.Equal(None, _reservations.Type);
        Assert.Equal(isTold ? [new ReservationNotice(B, ReservationReleased)] : [], _notices);
    }

    [Fact]
    public void Releasing_what_one_does_not_hold_does_nothing_and_another_type_is_an_invalid_field()
    {
        Hold(WriteExclusive);
        Assert.Equal(Status.Success, _reservations.Release(B, 2, ExclusiveAccess, _notices));
        Assert.Equal(Status.InvalidField, _reservations.Release(A, 1, ExclusiveAccess, _notices));
        Assert.Equal(Status.ReservationConflict, _reservations.Release(A, 2, WriteExclusive, _notices));
        Assert.Equal(Status.ReservationConflict, _reservations.Release(C, 1, WriteExclusive, _notices));
        Assert.Equal(WriteExclusive, _reservations.Type);
        Assert.Empty(_notices);
    }

    [Fact]
    public void Clearing_ends_everything_and_tells_everybody_else()
    {
        Hold(ExclusiveAccess);
        uint before = _reservations.Generation;
        Assert.Equal(Status.ReservationConflict, _reservations.Clear(B, 1, _notices));
        Assert.Equal(Status.Success, _reservations.Clear(B, 2, _notices));
        Assert.Equal([new ReservationNotice(A, ReservationPreempted)], _notices);
        Assert.Equal(None, _reservations.Type);
        Assert.Empty(_reservations.Registrants);
        Assert.Equal(before + 1, _reservations.Generation);
    }

    [Fact]
    public void Preempting_the_holder_takes_the_reservation_and_all_registrations_with_its_key()
    {
        Hold(WriteExclusive);
        _reservations.Register(C, 1);
        Assert.Equal(Status.Success, _reservations.Preempt(B, 2, 1, ExclusiveAccess, _notices));
        Assert.Equal([new Registrant(B, 2)], _reservations.Registrants);
        Assert.Equal(ExclusiveAccess, _reservations.Type);
        Assert.True(_reservations.IsHolder(B));
        Assert.Equal(
            [new ReservationNotice(A, RegistrationPreempted), new ReservationNotice(C, RegistrationPreempted)], _notices);
    }

    [Fact]
    public void A_change_of_type_is_told_to_those_who_stay_registered()
    {
        Hold(WriteExclusive);
        _reservations.Register(C, 3);
        _reservations.Preempt(B, 2, 1, WriteExclusiveRegistrantsOnly, _notices);
        Assert.Equal(
            [new ReservationNotice(A, RegistrationPreempted), new ReservationNotice(C, ReservationReleased)], _notices);
    }

    [Fact]
    public void A_holder_preempts_itself_to_change_the_type()
    {
        Hold(WriteExclusive);
        Assert.Equal(Status.Success, _reservations.Preempt(A, 1, 1, ExclusiveAccess, _notices));
        Assert.Equal(ExclusiveAccess, _reservations.Type);
        Assert.True(_reservations.IsHolder(A));
        Assert.Equal(2, _reservations.Registrants.Count);
        Assert.Equal([new ReservationNotice(B, ReservationReleased)], _notices);
    }

    [Fact]
    public void Preempting_a_key_that_is_not_the_holders_ends_registrations_only()
    {
        Hold(WriteExclusive);
        _reservations.Register(C, 3);
        Assert.Equal(Status.Success, _reservations.Preempt(A, 1, 3, ExclusiveAccess, _notices));
        Assert.Equal(WriteExclusive, _reservations.Type);
        Assert.Equal([new Registrant(A, 1), new Registrant(B, 2)], _reservations.Registrants);
        Assert.Equal([new ReservationNotice(C, RegistrationPreempted)], _notices);
        Assert.Equal(Status.InvalidField, _reservations.Preempt(A, 1, 0, ExclusiveAccess, _notices));
    }

    [Fact]
    public void Without_a_reservation_preempting_ends_registrations_and_reserves_nothing()
    {
        _reservations.Register(A, 1);
        _reservations.Register(B, 2);
        Assert.Equal(Status.ReservationConflict, _reservations.Preempt(C, 1, 2, WriteExclusive, _notices));
        Assert.Equal(Status.ReservationConflict, _reservations.Preempt(A, 2, 2, WriteExclusive, _notices));
        Assert.Equal(Status.Success, _reservations.Preempt(A, 1, 2, WriteExclusive, _notices));
        Assert.Equal(None, _reservations.Type);
        Assert.Equal([new Registrant(A, 1)], _reservations.Registrants);
    }

    [Fact]
    public void From_all_registrants_zero_preempts_everybody_else()
    {
        Hold(ExclusiveAccessAllRegistrants);
        Assert.Equal(Status.InvalidField, _reservations.Preempt(B, 2, 0, None, _notices));
        Assert.Equal(Status.Success, _reservations.Preempt(B, 2, 0, WriteExclusive, _notices));
        Assert.Equal([new Registrant(B, 2)], _reservations.Registrants);
        Assert.Equal(WriteExclusive, _reservations.Type);
        Assert.Equal([new ReservationNotice(A, RegistrationPreempted)], _notices);
    }

    [Fact]
    public void From_all_registrants_a_key_preempts_those_who_have_it_and_must_be_somebodys()
    {
        Hold(ExclusiveAccessAllRegistrants);
        Assert.Equal(Status.ReservationConflict, _reservations.Preempt(B, 2, 7, WriteExclusive, _notices));
        Assert.Equal(Status.Success, _reservations.Preempt(B, 2, 1, WriteExclusive, _notices));
        Assert.Equal(ExclusiveAccessAllRegistrants, _reservations.Type);
        Assert.Equal([new Registrant(B, 2)], _reservations.Registrants);
        Assert.Equal(Status.Success, _reservations.Preempt(B, 2, 2, WriteExclusive, _notices));
        Assert.Equal(None, _reservations.Type);
        Assert.Empty(_reservations.Registrants);
    }

    /// <summary>A and B are registered with keys 1 and 2; A holds a reservation.</summary>
    private void Hold(ReservationType type)
    {
        Assert.Equal(Status.Success, _reservations.Register(A, 1));
        Assert.Equal(Status.Success, _reservations.Register(B, 2));
        if (type != None)
            Assert.Equal(Status.Success, _reservations.Acquire(A, 1, type));
    }
}

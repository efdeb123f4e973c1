using System.Reflection;
using Emulator.Wire;

namespace Emulator.UnitTests.Wire;

public sealed class StatusTests
{
    private static IEnumerable<(string Name, Status Status)> Members =>
        typeof(Status).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(member => member.FieldType == typeof(Status))
            .Select(member => (member.Name, (Status)member.GetValue(null)!));

    // One of each table of Base 2.1, 4.2.3, its first and last, and the vendor's own.
    public static TheoryData<string, ushort, string> Codes => new()
    {
        { nameof(Status.Success), 0x000, "0h/00h Successful Completion" },
        { nameof(Status.InvalidOpcode), 0x001, "0h/01h Invalid Command Opcode" },
        { nameof(Status.InvalidField), 0x002, "0h/02h Invalid Field in Command" },
        { nameof(Status.DataSglLengthInvalid), 0x00F, "0h/0Fh Data SGL Length Invalid" },
        { nameof(Status.OperationDenied), 0x015, "0h/15h Operation Denied" },
        { nameof(Status.InvalidPlacementHandleList), 0x02A, "0h/2Ah Invalid Placement Handle List" },
        { nameof(Status.LbaOutOfRange), 0x080, "0h/80h LBA Out of Range" },
        { nameof(Status.KeyExists), 0x089, "0h/89h Key Exists" },
        { nameof(Status.CompletionQueueInvalid), 0x100, "1h/00h Completion Queue Invalid" },
        { nameof(Status.ControllerDataQueueFull), 0x13B, "1h/3Bh Controller Data Queue Full" },
        { nameof(Status.AuthenticationRequired), 0x191, "1h/91h Authentication Required" },
        { nameof(Status.MigrationNotActive), 0x1C0, "1h/C0h Migration Not Active" },
        { nameof(Status.LimitReached), 0x1C6, "1h/C6h Limit Reached" },
        { nameof(Status.WriteFault), 0x280, "2h/80h Write Fault" },
        { nameof(Status.StorageTagCheckError), 0x288, "2h/88h End-to-end Storage Tag Check Error" },
        { nameof(Status.InternalPathError), 0x300, "3h/00h Internal Path Error" },
        { nameof(Status.AsymmetricAccessInaccessible), 0x302, "3h/02h Asymmetric Access Inaccessible" },
        { nameof(Status.CommandAbortedByHost), 0x371, "3h/71h Command Aborted By Host" },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public void Status_has_the_number_and_the_name_of_the_specification(string member, ushort value, string text)
    {
        Status status = Members.Single(candidate => candidate.Name == member).Status;

        Assert.Equal(value, status.Value);
        Assert.Equal(text, status.ToString());
    }

    [Fact]
    public void A_code_that_Fabrics_and_NVM_commands_share_has_both_names()
    {
        Assert.Equal(Status.ConflictingAttributes, Status.ConnectIncompatibleFormat);
        Assert.Equal("1h/80h Conflicting Attributes / Incompatible Format", Status.ConflictingAttributes.ToString());
    }

    [Fact]
    public void Only_codes_that_Fabrics_shares_are_defined_twice()
    {
        var shared = Members.GroupBy(member => member.Status).Where(group => group.Count() > 1);

        Assert.All(shared, group => Assert.InRange(group.Key.Value, 0x180, 0x185));
    }

    [Fact]
    public void Flags_leave_type_and_code_alone()
    {
        Status status = Status.AsymmetricAccessTransition.WithDoNotRetry().WithMore();

        Assert.Equal(0x6303, status.Value);
        Assert.True(status.DoNotRetry);
        Assert.True(status.More);
        Assert.Equal(StatusCodeType.Path, status.StatusCodeType);
        Assert.Equal(0x03, status.StatusCode);
        Assert.True(status.Matches(Status.AsymmetricAccessTransition));
        Assert.NotEqual(Status.AsymmetricAccessTransition, status);
        Assert.EndsWith("Transition +more +dnr", status.ToString());
    }

    [Fact]
    public void Only_type_and_code_of_zero_are_success()
    {
        Assert.True(Status.Success.IsSuccess);
        Assert.True(Status.Success.WithMore().IsSuccess);
        Assert.False(Status.CompletionQueueInvalid.IsSuccess);
        Assert.False(Status.InvalidOpcode.IsSuccess);
    }

    [Fact]
    public void A_number_without_a_name_still_prints() =>
        Assert.Equal("7h/C1h Unknown Status", new Status(StatusCodeType.VendorSpecific, 0xC1).ToString());
}

using System.Text.Json;
using System.Text.Json.Nodes;
using Emulator.Core;
using Emulator.Flash;
using Emulator.Flash.Profiles;

namespace Emulator.UnitTests.Flash;

public class DeviceProfileTests
{
    public static TheoryData<string> BuiltIn => [.. DeviceProfile.Names];

    /// <summary>Every key of every object of the two kinds of profile.</summary>
    public static TheoryData<string, string> Keys
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (string name in new[] { "tlc-datacentre", "mlc-sata", "hdd-7200" })
            {
                foreach (string path in Paths(Json(name), ""))
                    rows.Add(name, path);
            }

            return rows;
        }
    }

    [Fact]
    public void There_is_a_profile_for_each_kind_of_device() =>
        Assert.Equal(["array-hdd", "array-ssd", "hdd-7200", "mlc-sata", "mqsim-default", "qlc", "tlc-datacentre"], DeviceProfile.Names);

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void A_built_in_profile_can_be_read_and_built(string name)
    {
        DeviceProfile profile = DeviceProfile.Find(name)!;
        Assert.Equal(name, profile.Name);
        Assert.Single(new object?[] { profile.Flash, profile.Disk, profile.Array }, part => part != null);
        Assert.Null(profile.Flash?.GeometryFor(64L << 30, profile.Flash.OverProvisioningPercent, 4).Problem());
    }

    [Fact]
    public void An_unknown_name_is_no_profile() => Assert.Null(DeviceProfile.Find("floppy"));

    [Fact]
    public void Values_come_with_their_units()
    {
        FlashProfile tlc = DeviceProfile.Find("tlc-datacentre")!.Flash!;
        Assert.Equal(CellType.Tlc, tlc.Cell);
        Assert.Equal(SimDuration.FromMicroseconds(66), tlc.Timing.Read[PageType.Csb]);
        Assert.Equal(SimDuration.FromMicroseconds(1000), tlc.Timing.Program[PageType.Msb]);
        Assert.Equal(800_000_000, tlc.Timing.ChannelBytesPerSecond);
        Assert.Equal(SimDuration.FromMicroseconds(20), tlc.Timing.ProgramSuspend!.Latency);
        Assert.Equal(4, tlc.Geometry.MapPagesPerFlashPage);
        Assert.Equal(5000, tlc.Errors.RatedCycles);
    }

    [Theory]
    [InlineData(64L << 20)]
    [InlineData(1L << 30)]
    [InlineData(1L << 40)]
    public void The_shape_for_a_capacity_keeps_dies_and_has_several_superblocks(long bytes)
    {
        FlashProfile tlc = DeviceProfile.Find("tlc-datacentre")!.Flash!;
        FlashGeometry shape = tlc.GeometryFor(bytes, 28, 4);
        Assert.Null(shape.Problem());
        Assert.Equal(tlc.Geometry.PlaneCount, shape.PlaneCount);
        Assert.True(shape.PagesPerBlock >= 3, "a block has a word line");
        Assert.True(shape.BlocksPerPlane >= 8, $"{shape.BlocksPerPlane} superblocks");
        Assert.True(shape.Bytes >= bytes * 128 / 100, $"{shape.Bytes} bytes");
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_missing_key_is_named(string name, string path)
    {
        JsonObject profile = Json(name);
        (JsonObject parent, string key) = Find(profile, path);
        bool isOptional = key is "programSuspend" or "eraseSuspend" or "link" or "pace";
        parent.Remove(key);
        if (isOptional)
            DeviceProfile.Parse("my.json", profile.ToJsonString());
        else
            Assert.Equal($"my.json: {path} is missing", Error(profile.ToJsonString()));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_value_of_another_type_is_named(string name, string path)
    {
        JsonObject profile = Json(name);
        (JsonObject parent, string key) = Find(profile, path);
        parent[key] = parent[key]!.GetValueKind() == JsonValueKind.String ? 7 : "x";
        Assert.StartsWith($"my.json: {path} ", Error(profile.ToJsonString()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("geometry.channels", "0", "must be a whole number from 1 to 64")]
    [InlineData("geometry.pageKiB", "12", "must be a power of two")]
    [InlineData("timing.eraseUs", "-1", "must be a number from 1 to 1000000")]
    [InlineData("timing.readUs", "[52, 66]", "must be a list of 3 numbers, one for each page type of the cells")]
    [InlineData("timing.channelBits", "12", "must be 8 or 16")]
    [InlineData("errors.retryGain", "1e99", "must be a number from 0.01 to 1")]
    [InlineData("overProvisioningPercent", "7.5", "must be a whole number from 1 to 100")]
    [InlineData("cell", "\"plc\"", "is 'plc', must be one of slc, mlc, tlc, qlc")]
    [InlineData("kind", "\"tape\"", "is 'tape', must be one of flash, disk, array")]
    public void An_absurd_value_is_named_with_what_may_be(string path, string value, string expected)
    {
        JsonObject profile = Json("tlc-datacentre");
        (JsonObject parent, string key) = Find(profile, path);
        parent[key] = JsonNode.Parse(value);
        string error = Error(profile.ToJsonString());
        Assert.StartsWith($"my.json: {path} ", error, StringComparison.Ordinal);
        Assert.EndsWith(expected, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("controller.link.commands", "0", "must be a whole number from 1 to 65536")]
    [InlineData("controller.link.commandNs", "1e9", "must be a number from 0 to 1000000")]
    [InlineData("controller.link.halfDuplex", "1", "must be true or false")]
    [InlineData("controller.pace.readNs", "-1", "must be a number from 0 to 1000000")]
    public void An_absurd_link_is_named_with_what_may_be(string path, string value, string expected)
    {
        JsonObject profile = Json("mlc-sata");
        (JsonObject parent, string key) = Find(profile, path);
        parent[key] = JsonNode.Parse(value);
        string error = Error(profile.ToJsonString());
        Assert.StartsWith($"my.json: {path} ", error, StringComparison.Ordinal);
        Assert.EndsWith(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_in_a_list_is_named_by_its_place()
    {
        JsonObject profile = Json("tlc-datacentre");
        profile["timing"]!["readUs"]![1] = 0;
        Assert.StartsWith("my.json: timing.readUs[1] is 0, ", Error(profile.ToJsonString()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_geometry_that_is_impossible_as_a_whole_is_refused()
    {
        JsonObject profile = Json("tlc-datacentre");
        foreach ((string key, int value) in new[]
        {
            ("channels", 64), ("diesPerChannel", 64), ("planesPerDie", 8), ("pagesPerBlock", 65536), ("pageKiB", 64),
        })
            profile["geometry"]![key] = value;
        Assert.StartsWith("my.json: geometry: ", Error(profile.ToJsonString()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("geometry", "geometry.colour is not a key; there are pageKiB, channels, ")]
    [InlineData("", "colour is not a key; there are kind, description, controller, ")]
    [InlineData("timing.eraseSuspend", "timing.eraseSuspend.colour is not a key; there are latencyUs, ")]
    public void An_unknown_key_is_named_with_those_there_are(string parent, string expected)
    {
        JsonObject profile = Json("tlc-datacentre");
        (parent.Length == 0 ? profile : (JsonObject)Find(profile, parent).Parent[parent.Split('.')[^1]]!)["colour"] = 1;
        Assert.StartsWith("my.json: " + expected, Error(profile.ToJsonString()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n\"kind\": flash }", "my.json: line 2 is not JSON")]
    [InlineData("[1]", "my.json: the profile must be an object in braces")]
    [InlineData("", "my.json: line 1 is not JSON")]
    [InlineData("""{"kind": "disk", "kind": "disk"}""", "my.json: kind is there twice")]
    public void A_text_that_is_no_object_is_refused(string text, string expected) =>
        Assert.Equal(expected, Error(text));

    private static string Error(string text) =>
        Assert.Throws<FormatException>(() => DeviceProfile.Parse("my.json", text)).Message;

    private static JsonObject Json(string name)
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip };
        return JsonNode.Parse(SourceText(name), documentOptions: options)!.AsObject();
    }

    private static string SourceText(string name)
    {
        using Stream stream = typeof(DeviceProfile).Assembly.GetManifestResourceStream("profile:" + name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static IEnumerable<string> Paths(JsonObject node, string prefix) => node.SelectMany(pair =>
    {
        string path = prefix + pair.Key;
        return pair.Value is JsonObject inner ? Paths(inner, path + ".").Prepend(path) : [path];
    });

    private static (JsonObject Parent, string Key) Find(JsonObject root, string path)
    {
        string[] parts = path.Split('.');
        foreach (string part in parts[..^1])
            root = root[part]!.AsObject();
        return (root, parts[^1]);
    }
}

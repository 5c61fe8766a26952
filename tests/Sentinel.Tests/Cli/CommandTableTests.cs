using Sentinel.Cli;

namespace Sentinel.Tests.Cli;

public sealed class CommandTableTests
{
    readonly StringWriter output = new();
    readonly StringWriter error = new();

    [Theory]
    [InlineData]
    [InlineData("conquer")]
    [InlineData("migrate", "now")]
    [InlineData("migrate", "--force")]
    public async Task Wrong_usage_is_one_sentence_and_exit_code_2(params string[] arguments)
    {
        Assert.Equal(2, await RunAsync(arguments));
        Assert.Empty(output.ToString());
        Assert.Single(error.ToString().TrimEnd().Split('\n'));
        Assert.Contains("--help", error.ToString());
    }

    [Fact]
    public async Task Every_command_explains_itself()
    {
        foreach (var command in CommandTable.Commands().Subcommands)
        {
            var called = Assert.Single(CommandTable.Commands(command.Name).Subcommands);
            Assert.Equal(command.Name, called.Name);
            Assert.Equal(0, await RunAsync(command.Name, "--help"));
            Assert.False(string.IsNullOrWhiteSpace(command.Description), command.Name);
        }
        Assert.Empty(error.ToString());
    }

    Task<int> RunAsync(params string[] arguments) =>
        CommandTable.RunAsync(arguments, output, error);
}

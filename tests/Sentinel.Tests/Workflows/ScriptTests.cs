using Sentinel.Workflows.Execution;

namespace Sentinel.Tests.Workflows;

public class ScriptTests
{
    [Theory]
    [InlineData("while (true) {}")]
    [InlineData("'x'.repeat(1e9)")]
    [InlineData("const f = () => f(); f()")]
    [InlineData("const a = []; for (;;) a.push('some text that takes memory')")]
    [InlineData("/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')")]
    [InlineData("new Array(1e8).fill(0).length")]
    public void A_script_without_end_is_stopped(string text)
    {
        Assert.Throws<WorkflowFaultException>(() => new ScriptEngine().Evaluate(text));
    }

    [Theory]
    [InlineData("System.IO.File.ReadAllText('/etc/passwd')")]
    [InlineData("importNamespace('System')")]
    [InlineData("require('fs')")]
    [InlineData("process.exit(1)")]
    [InlineData("eval('1')")]
    [InlineData("new Function('return 1')()")]
    [InlineData("(() => {}).constructor('return 1')()")]
    public void A_script_does_not_reach_the_machine(string text)
    {
        Assert.Throws<WorkflowFaultException>(() => new ScriptEngine().Evaluate(text));
    }

    [Theory]
    [InlineData("3", "3")]
    [InlineData("1.5", "1.5")]
    [InlineData("'a'", "\"a\"")]
    [InlineData("({b:1, a:[true, null]})", "{\"b\":1,\"a\":[true,null]}")]
    [InlineData("undefined", "null")]
    [InlineData("return 1 + 1", "2")]
    [InlineData("0/0", "null")]
    public void What_a_script_gives_is_json(string text, string json)
    {
        Assert.Equal(json, new ScriptEngine().Evaluate(text).GetRawText());
    }

    [Theory]
    [InlineData(@"'a\0b'", @"""a\ufffdb""")]
    [InlineData(@"'\ud800'", @"""\uFFFD""")]
    [InlineData(@"({a:['\0'], b:'\\u0000'})", @"{""a"":[""\ufffd""],""b"":""\\u0000""}")]
    [InlineData(
        @"[JSON.parse('""\\ud800x""'), '\ud83d\ude00\udc00']",
        @"[""\ufffdx"",""😀\ufffd""]"
    )]
    public void What_cannot_be_kept_is_replaced(string text, string json)
    {
        Assert.Equal(json, new ScriptEngine().Evaluate(text).GetRawText());
    }
}

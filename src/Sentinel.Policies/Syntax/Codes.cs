namespace Sentinel.Policies.Syntax;

/// <summary>The diagnostic codes; never reused. docs/policy-language.md has an example of each.</summary>
static class Codes
{
    public const string TextTooLong = "POL001";
    public const string UnreadableCharacter = "POL002";
    public const string UnclosedText = "POL003";
    public const string UnknownEscape = "POL004";
    public const string NestedTooDeep = "POL005";
    public const string Unexpected = "POL006";
    public const string UnknownDeclaration = "POL007";
    public const string UnknownClause = "POL008";
    public const string MissingClause = "POL009";
    public const string RepeatedClause = "POL010";
    public const string RepeatedName = "POL011";
    public const string NumberOutOfRange = "POL012";
    public const string WrongDuration = "POL013";
    public const string UnknownField = "POL014";
    public const string WrongValue = "POL015";
    public const string WrongOperator = "POL016";
    public const string UnknownSelector = "POL017";
    public const string UnknownList = "POL018";
    public const string UnknownSla = "POL019";
    public const string WrongTemplate = "POL020";
    public const string WrongKind = "POL021";
    public const string WrongRegex = "POL022";
    public const string WrongListEntry = "POL023";
    public const string WrongTechnique = "POL024";
    public const string WrongKey = "POL025";
    public const string WrongStep = "POL026";
    public const string UnusedSelector = "POL027";
    public const string UnknownEventType = "POL028";
    public const string TooMany = "POL029";
    public const string WrongTimestamp = "POL030";
    public const string WrongName = "POL031";
    public const string WrongClauseForFormat = "POL032";
    public const string UnknownSource = "POL033";
    public const string UnknownPart = "POL040";
    public const string CircularPart = "POL041";
    public const string WrongCount = "POL042";
    public const string LikelySlip = "POL043";
    public const string WrongTransformation = "POL044";
    public const string WrongTimePart = "POL045";
    public const string WrongKeywordSearch = "POL046";
    public const string WrongMetadata = "POL047";
    public const string WrongWindow = "POL070";
    public const string UnknownRule = "POL071";
    public const string UnknownRisk = "POL072";
    public const string RulesInCircle = "POL073";
    public const string WrongBaseline = "POL074";
    public const string UnknownCalendar = "POL110";
    public const string WrongZone = "POL111";
    public const string WrongHours = "POL112";
    public const string WrongHoliday = "POL113";
    public const string KeptTwice = "POL114";
    public const string MappedTwice = "POL115";
}

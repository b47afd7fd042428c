namespace PromHost.PromQL.Tests;

public sealed class QueryAdmissionTests
{
    private readonly QueryAdmission _admission = new(limit: 2);

    [Fact]
    public async Task EnterAsync_LetsInSoManyUsers_AndOthersInTheirOrder()
    {
        await EnterAsync(QueryPriority.User);
        await EnterAsync(QueryPriority.User);
        var third = EnterAsync(QueryPriority.User);
        var fourth = EnterAsync(QueryPriority.User);

        third.IsCompleted.Should().BeFalse();
        _admission.Leave(QueryPriority.User);
        await third;
        fourth.IsCompleted.Should().BeFalse();
        _admission.Leave(QueryPriority.User);
        await fourth;
    }

    [Fact]
    public async Task EnterAsync_KeepsAPlaceForRules()
    {
        await EnterAsync(QueryPriority.User);
        await EnterAsync(QueryPriority.User);
        await EnterAsync(QueryPriority.Rule);
        var user = EnterAsync(QueryPriority.User);
        var rule = EnterAsync(QueryPriority.Rule);

        _admission.Leave(QueryPriority.User);

        await rule;
        user.IsCompleted.Should().BeFalse("rules go first");
        _admission.Leave(QueryPriority.Rule);
        await user;
    }

    [Fact]
    public async Task EnterAsync_TakesNoPlace_WhenItIsCancelled()
    {
        await EnterAsync(QueryPriority.User);
        await EnterAsync(QueryPriority.User);
        using var cancellation = new CancellationTokenSource();
        var waiting = _admission.EnterAsync(QueryPriority.User, cancellation.Token);
        var next = EnterAsync(QueryPriority.User);

        await cancellation.CancelAsync();

        await FluentActions.Awaiting(() => waiting).Should().ThrowAsync<OperationCanceledException>();
        _admission.Leave(QueryPriority.User);
        await next;
    }

    private Task EnterAsync(QueryPriority priority) =>
        _admission.EnterAsync(priority, TestContext.Current.CancellationToken);
}

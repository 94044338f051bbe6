"""The fixed sentences that an asker can see, by status."""

from __future__ import annotations

from collections.abc import Sequence

from index.stored import Known
from ingest.model import Report
from server.answering.model import Status
from server.answering.reports import in_words

GENERATED = "内容由人工智能生成，请以原文为准"
"""The mark that text written by a model carries wherever it goes."""

_ASK_HERE = "您可以问计划指标、工作安排、完成情况和名词解释。"

_REPLIES: dict[Status, str] = {
    Status.ANSWERED_GREETING: "您好！我根据{title}回答问题，每句话都注明出处。" + _ASK_HERE,
    Status.ANSWERED_THANKS: "不客气！还有想了解的，请接着问。",
    Status.CLARIFY: "您问的可能是下面几项中的一项，请选一项再问。",
    Status.NOT_IN_REPORT: "报告里没有找到能回答这个问题的内容。下面是最接近的原文，供您参考。",
    Status.OTHER_PLACE: "这份报告只讲{place}的情况，不能回答其他地方的问题。其他地方的情况请查当地政府网站公布的报告。",
    Status.OTHER_YEAR: "这份报告只讲{reviewed}年的完成情况和{planned}年的计划，不能回答其他年份的问题。",
    Status.PERSONAL: "我只能回答报告里写的内容，不能办理个人事项，也查不到个人信息。请拨打12345政务服务热线，或到政务服务大厅咨询。",
    Status.ADVICE: "我只转述报告里写的内容，不提供个人意见或投资建议。" + _ASK_HERE,
    Status.REALTIME: "报告里没有天气、路况、行情这类实时信息，请查看相应的官方发布。" + _ASK_HERE,
    Status.TASK: "我只能回答与报告内容有关的问题，不能写代码、写文章或翻译。" + _ASK_HERE,
    Status.CHITCHAT: "我是报告问答助手，只回答报告里写的内容，每句话都注明出处。" + _ASK_HERE,
    Status.EMERGENCY: "如果情况紧急，请马上拨打110（报警）、119（火警）或120（急救）。心里难受时，可以拨打全国统一心理援助热线12356。",
    Status.INSULT: "很抱歉没有帮上忙。请告诉我您想了解报告里的什么内容，我尽力回答。",
    Status.INJECTION: "我只依据报告原文回答问题，不能按这样的要求来做。" + _ASK_HERE,
    Status.PROMPT_THEFT: "我不能提供系统内部的设置。" + _ASK_HERE,
    Status.ERROR_BUSY: "现在提问的人较多，请稍等片刻再试。",
    Status.ERROR_INTERNAL: "系统出了点问题，没能回答。请稍后再试。",
}


_SEVERAL: dict[Status, str] = {
    Status.ANSWERED_GREETING: "您好！我根据{loaded}的计划报告回答问题，每句话都注明出处。请在问题里写明地方和年份，没有写时按{title}回答。",
    Status.CLARIFY: "您问的年份，{place}的报告没有讲到。下面几份报告讲了，请选一份再问。",
    Status.OTHER_PLACE: "这里只有{loaded}的计划报告，不能回答其他地方的问题。其他地方的情况请查当地政府网站公布的报告。",
    Status.OTHER_YEAR: "这里只有{loaded}的计划报告，每份讲前一年的完成情况和当年的计划，没有讲您问的年份。",
}
"""The sentences that differ where several reports are loaded."""


def from_reports(corpora: Sequence[Known]) -> str:
    """Which reports an answer is from, in one line."""
    return "出自：" + "".join(f"《{corpus.report.title}》" for corpus in corpora)


def reply(status: Status, report: Report, loaded: Sequence[Known] = ()) -> str:
    """The sentence shown for `status`, '' where the answer speaks for itself; `loaded` are all reports there are."""
    if len(loaded) > 1 and status in _SEVERAL:
        return _SEVERAL[status].format(
            title=f"《{report.title}》", place=report.place or "本地", loaded=in_words(loaded)
        )
    if status is Status.OTHER_YEAR and None in (report.year_reviewed, report.year_planned):
        return "这份报告没有讲您问的年份的情况。"
    return _REPLIES.get(status, "").format(
        title=f"《{report.title}》",
        place=report.place or "本地",
        reviewed=report.year_reviewed,
        planned=report.year_planned,
    )

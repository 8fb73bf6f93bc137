"""What readers ask about by a general name, and the words by which papers speak of it: harms are bleeding and rash."""

from __future__ import annotations

from collections.abc import Sequence

from rag.terms import stem

# Asked for : spoken of. The words of a line stand for each of its names, less well than the name itself.
_NOTIONS = """
side adverse toxicity toxic safety safe harm harms tolerability tolerated tolerate complication complications downside :
    adverse toxicity toxic safe safety harm tolerated tolerability intolerance complication discontinued
    discontinuation
    bleeding hemorrhage infection nausea vomiting diarrhea constipation rash pruritus fever headache fatigue dizziness
    cytopenia neutropenia anemia thrombocytopenia hepatotoxicity nephrotoxicity neurotoxicity cardiotoxicity
    myelosuppression
    hypotension hypoglycemia hyperkalemia pneumonitis colitis mucositis neuropathy thrombosis hypersensitivity
    anaphylaxis
    arrhythmia weight-gain sedation dysarthria dose-limiting unsafe
efficacy effective effectiveness benefit benefits work works success :
    efficacy effective effectiveness ineffective benefit response responder remission improve improved improvement
    superior
    inferior success successful relief cure cured worked failed
cost costs price prices expensive afford affordable economic economics money budget reimbursement :
    cost price expensive cheap cheaper affordable reimbursement reimbursed budget economic dollar euro qaly saving
    costly
    cost-effective cost-effectiveness insurance
dose doses dosage dosing schedule regimen :
    dose dosage dosing mg daily weekly loading maintenance titrate titrated titration regimen
survival mortality death deaths die died lethal fatal :
    survival mortality death died alive fatal lived surviving
mechanism mechanisms action :
    mechanism bind block inhibit receptor pathway activate
limitation limitations weakness weaknesses uncertainty uncertainties gap gaps unknown caveat :
    limitation bias heterogeneity uncertain uncertainty unknown unclear lacking scarce confounding confounded
    retrospective
    underpowered observational insufficient inconclusive
children child pediatric paediatric adolescents infants kids :
    children pediatric adolescent infant neonate toddler childhood
elderly older old age aged geriatric seniors frail :
    elderly older geriatric aged frail frailty octogenarian
pregnancy pregnant fetus breastfeeding :
    pregnancy pregnant fetus fetal breastfeeding teratogenic gestation maternal
prevention prevent preventing prophylaxis prophylactic :
    prevention prevent prevented prophylaxis prophylactic averted protect protection
diagnosis diagnose diagnosing diagnostic detection screening :
    diagnosis diagnostic diagnose screening sensitivity specificity detect detection
duration durability durable long-lasting lasting last lasts :
    durable durability duration last lasted sustained wane waned long-term relapse persisted persistence
adherence compliance stick dropout drop-out :
    adherence compliance adhere discontinued discontinuation stopped dropout withdrew
recommendation recommendations recommend guideline guidelines advice advise :
    recommend recommended recommendation guideline advise suggest favour should first-line
availability access accessible :
    available availability access accessible shortage licensed reimbursed
"""


def _parse(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    names: list[str] = []
    for line in text.strip().splitlines():
        if line.endswith(":"):
            names = line[:-1].split()
        else:
            for name in names:
                form = stem(name)
                found[form] = tuple(dict.fromkeys((*found.get(form, ()), *(stem(word) for word in line.split()))))
    return found


_SPOKEN = _parse(_NOTIONS)


def spoken_of(forms: Sequence[str]) -> tuple[str, ...]:
    """Return the stems by which papers speak of a notion that one of these stems names; () when none does."""
    return tuple(word for form in forms for word in _SPOKEN.get(form, ()))

"""Which words of a library name drugs of a class: an antibiotic ends in -cillin, an antibody in -mab.

Endings after the stems of international nonproprietary names (World Health Organization, "The use of stems in the
selection of International Nonproprietary Names for pharmaceutical substances").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from rag.text import stem

# Names of a class : its members, "-…" by the end of the word.
_CLASSES = """
antibiotic antibacterial antimicrobial : -cillin -floxacin -penem -oxazole -thromycin tetracycline doxycycline
    minocycline tigecycline cefazolin cefepime cefotaxime ceftazidime ceftriaxone cefuroxime cephalexin vancomycin
    daptomycin gentamicin tobramycin amikacin metronidazole linezolid colistin rifampicin trimethoprim
antifungal antifungals : -conazole -fungin amphotericin nystatin terbinafine
antiviral antivirals antiretroviral : -vir zidovudine lamivudine entecavir
steroid corticosteroid glucocorticoid : -prednisolone -olone prednisone dexamethasone hydrocortisone cortisone
    budesonide betamethasone fluticasone beclomethasone
statin : -vastatin
opioid opiate : morphine oxycodone hydrocodone fentanyl tramadol methadone buprenorphine codeine tapentadol
benzodiazepine sedative : -zepam -zolam zolpidem zopiclone propofol dexmedetomidine
antidepressant ssri : -oxetine -talopram sertraline venlafaxine mirtazapine bupropion amitriptyline
antipsychotic neuroleptic : -peridone -zapine -piprazole haloperidol quetiapine
antiepileptic anticonvulsant : valproate levetiracetam lamotrigine carbamazepine phenytoin topiramate
anticoagulant : -xaban -gatran -parin warfarin phenprocoumon
antiplatelet : -grel -grelor aspirin dipyridamole
antihypertensive : -pril -sartan -olol -dipine -thiazide
beta-blocker : -olol
ace : -pril
diuretic : -thiazide -semide spironolactone chlorthalidone
nsaid anti-inflammatory : -coxib -profen naproxen diclofenac indomethacin
antibody biologic : -mab -cept
kinase : -tinib
jak : -citinib -litinib
sglt2 gliflozin : -gliflozin
glp-1 incretin : -glutide -natide
dpp-4 gliptin : -gliptin
antidiabetic : -gliflozin -gliptin -glutide -glitazone metformin insulin
bisphosphonate : alendronate risedronate ibandronate zoledronate zoledronic
ppi : -eprazole -oprazole
antiemetic : -setron aprepitant metoclopramide
chemotherapy cytostatic cytotoxic : -platin -taxel -rubicin cyclophosphamide fluorouracil gemcitabine methotrexate
    etoposide vincristine melphalan fludarabine temozolomide
immunosuppressant immunosuppressive : -imus ciclosporin cyclosporine azathioprine mycophenolate methotrexate
probiotic : lactobacillus bifidobacterium saccharomyces
"""
# What precedes an ending has at least so many letters: "cyclin" is no tetracycline.
_SOME_LETTERS = r"\w{2,}"


def _patterns() -> dict[str, re.Pattern[str]]:
    found = {}
    for line in re.sub(r"\n\s+", " ", _CLASSES).strip().splitlines():
        names, members = line.split(" : ")
        ends = (f"{_SOME_LETTERS if m[0] == '-' else ''}{re.escape(stem(m.lstrip('-')))}" for m in members.split())
        found.update(dict.fromkeys((stem(name) for name in names.split()), re.compile("|".join(ends))))
    return found


_MEMBERS = cache(_patterns)


def members(form: str, stems: Iterable[str]) -> list[str]:
    """Return those of some stems that name a drug of the class that a stem names; none when it names no class."""
    pattern = _MEMBERS().get(form)
    return [one for one in stems if pattern.fullmatch(one)] if pattern else []

"""Words that name drugs, and which of them name one of a class: an antibiotic ends in -cillin, an antibody in -mab.

Endings after the stems of international nonproprietary names (World Health Organization, "The use of stems in the
selection of International Nonproprietary Names for pharmaceutical substances").
"""

from __future__ import annotations

import re
from functools import cache

from rag.text import Vocabulary, stem

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
# Endings of international nonproprietary names, and drugs that have none of them.
DRUG_NAME = re.compile(
    r"\w{3,}(?:mab|tinib|ciclib|parib|zomib|cept|statin|sartan|[aeiou]pril|olol|azole|cillin|mycin|micin|cycline|floxacin"
    r"|navir|[bt]uvir|ciclovir|platin|taxel|rubicin|parin|xaban|gatran|gliptin|gliflozin|glutide|prazole|setron|triptan"
    r"|zepam|zolam|oxetine|dronate|dipine|lukast|caine|thiazide|semide|olone|asone|profen|coxib|imus|vudine|barbital"
    r"|lidomide|degib|penem|fungin|dopa)s?"
    r"|aspirin|insulin|warfarin|metformin|heparin|digoxin|lithium|morphine|ketamine|esketamine|midazolam|colchicine"
    r"|allopurinol|febuxostat|tamoxifen|cisplatin|methotrexate|cyclophosphamide|cyclosporine?|ciclosporin|rapamycin"
    r"|hydroxychloroquine|chloroquine|paracetamol|acetaminophen|ibuprofen|naproxen|dexamethasone|estrogen|oestrogen"
    r"|testosterone|progesterone|cortisol|dopamine|serotonin|glutamate|adrenaline|epinephrine|nicotine|caffeine|alcohol"
    r"|curcumin|resveratrol|melatonin|penicillin|streptomycin|quinine|artemisinin|fluorouracil|gemcitabine",
    re.IGNORECASE,
)
# How words for diseases, germs, organs' states and operations end.
WORD_OF_MEDICINE = re.compile(
    r"\w{3,}(?:itis|itides|osis|oses|omas?|a?emias?|iasis|path(?:y|ies)|virus(?:es)?|cocc(?:us|i)|bacter(?:ium|ia)?"
    r"|ectom(?:y|ies)|plast(?:y|ies)|uria|algia|penia|plegia|ptysis|rrhea|rrhoea|cytes?|blasts?)",
    re.IGNORECASE,
)
# What precedes an ending has at least so many letters: "cyclin" is no tetracycline.
_SOME_LETTERS = re.compile(r"\w{2,}")


@cache
def _classes() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the stems of the members of each class, and the endings of others, by the stems of its names."""
    found = {}
    for line in re.sub(r"\n\s+", " ", _CLASSES).strip().splitlines():
        names, listed = (part.split() for part in line.split(" : "))
        whole = tuple(stem(one) for one in listed if one[0] != "-")
        endings = tuple(stem(one[1:]) for one in listed if one[0] == "-")
        found.update(dict.fromkeys(map(stem, names), (whole, endings)))
    return found


def members(form: str, vocabulary: Vocabulary) -> list[str]:
    """Return the stems of a vocabulary that name a drug of the class that a stem names; none when it names no class."""
    whole, endings = _classes().get(form, ((), ()))
    ended = (
        one
        for ending in endings
        for one in vocabulary.ending_with(ending)
        if _SOME_LETTERS.fullmatch(one, 0, len(one) - len(ending))
    )
    return [*dict.fromkeys([*filter(vocabulary.__contains__, whole), *ended])]

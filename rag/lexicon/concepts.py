"""What readers ask about by a general name, and the words by which papers speak of it: harms are bleeding and rash."""

from __future__ import annotations

from collections.abc import Sequence

from rag.text import stem

# What a question about findings turns on: when it asks for one of these, a quote without it is no answer.
KEY_NOTIONS = frozenset(
    "side cost costs price prices expensive affordable afford reimbursement insurance market sales approval approved "
    "approve license "
    "licensed fda ema regulatory dose doses dosage dosing schedule half-life pharmacokinetics survival mortality "
    "death die "
    "died fatal toxicity toxic safety safe adverse risk incidence prevalence epidemiology median mean hazard odds "
    "confidence sample enrolled enrolment placebo biomarker diagnosis "
    "diagnostic screening vaccine pregnancy pregnant breastfeeding children child pediatric paediatric adolescents "
    "elderly women "
    "men sex gender race ethnicity age mouse mice animal rat primate dog manufacture manufactured manufacturing "
    "production "
    "withdrawn withdrawal recall relapse recurrence hospital admission surgery radiotherapy chemotherapy "
    "transplantation diet "
    "exercise president weather phone".split()
)
# What an everyday word of medicine is a kind of ("stroke", "fracture", "liver").
MEDICAL_KINDS = (
    "disease",
    "drug",
    "symptom",
    "infection",
    "injury",
    "organ of the body",
    "medical condition",
    "cancer",
    "protein",
    "virus",
    "surgery",
    "gene",
    "hormone",
)
GENERIC_MEDICAL = frozenset(
    stem(word)
    for word in "patient drug treatment therapy disease body product sign medicine medication symptom clinic doctor "
    "physician "
    "hospital tissue damage condition disorder illness health healthy cell organ painful chronic acute severe".split()
)
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
addiction addictive dependence abuse misuse withdrawal :
    addiction addictive addicted dependence dependency abuse misuse craving withdrawal tapering
kidney kidneys renal nephrology :
    kidney renal nephropathy nephrotoxic nephrotoxicity glomerular creatinine dialysis egfr albuminuria proteinuria
liver hepatic :
    liver hepatic hepatitis hepatotoxic hepatotoxicity cirrhosis transaminase aminotransferase bilirubin fibrosis
heart cardiac cardiovascular :
    heart cardiac cardiovascular myocardial coronary infarction arrhythmia ventricular angina cardiomyopathy qt
lung lungs pulmonary respiratory breathing breath breathlessness :
    lung pulmonary respiratory breathing dyspnea dyspnoea breathlessness pneumonia pneumonitis ventilation airway
brain neurological neurologic nerve nerves nervous :
    brain cerebral neurological neurologic neurotoxicity neuropathy encephalopathy seizure stroke cognition
memory cognition cognitive thinking dementia :
    memory cognition cognitive dementia confusion delirium intelligence
mood depression depressive depressed :
    mood depression depressive antidepressant melancholia
suicide suicidal self-harm suicidality :
    suicide suicidal suicidality self-harm ideation
sleep sleeping insomnia drowsiness sleepiness sedation :
    sleep insomnia drowsiness sleepiness somnolence sedation sedated sleepy
pain painful analgesia :
    pain painful analgesic analgesia opioid soreness ache nociceptive
bladder urinary urine urination :
    bladder urinary urine urination cystitis urothelial voiding incontinence
gut bowel intestinal intestine gastrointestinal stomach digestive :
    gut bowel intestinal intestine gastrointestinal stomach gastric colon enteric diarrhea constipation
skin dermatological cutaneous :
    skin dermatological dermatitis cutaneous rash eczema pruritus erythema epidermal
eye eyes vision sight visual blindness :
    eye ocular vision visual sight retina retinal retinopathy blindness acuity
ear ears hearing deafness :
    ear hearing deafness ototoxicity ototoxic tinnitus auditory audiometry
bone bones skeletal fracture fractures osteoporosis :
    bone skeletal fracture osteoporosis osteoporotic osteonecrosis mineral
muscle muscles muscular strength weakness :
    muscle muscular myopathy sarcopenia weakness myalgia grip strength
weight obesity obese overweight slimming :
    weight obesity obese overweight bmi adiposity kilogram kg
sugar glucose glycemic glycaemic glycemia hba1c :
    glucose sugar glycemic glycaemic glycemia hba1c glycated hemoglobin hyperglycemia hypoglycemia
cholesterol lipid lipids ldl :
    cholesterol lipid ldl triglyceride hdl lipoprotein
pressure :
    hypertension pressure systolic diastolic hypertensive antihypertensive mmhg
bleeding haemorrhage hemorrhage bleed :
    bleeding bleed haemorrhage hemorrhage hemorrhagic
clot clots clotting thrombosis thrombotic embolism thromboembolism :
    clot clotting thrombosis thrombotic embolism thromboembolism thromboembolic vte
infection infections infectious sepsis bacteraemia bacteremia bloodstream :
    infection infectious infected sepsis septic bacteraemia bacteremia bloodstream pathogen opportunistic
resistance resistant :
    resistance resistant refractory multidrug-resistant susceptibility escape
relapse relapses recurrence recur recurred flare flares :
    relapse relapsed recurrence recurrent recur recurred flare rebound
remission response responders responded :
    remission response responder responded cleared clearance regression
progression worsening decline :
    progression progressed progressive worsening worsened decline deterioration
hospitalisation hospitalization admission admissions admitted hospital :
    hospitalisation hospitalization hospitalized hospitalised admission admitted readmission inpatient
fertility reproductive sperm infertility :
    fertility infertility reproductive sperm ovarian conception
sexual libido erectile :
    sexual libido erectile arousal orgasm
growth height :
    growth height stunting catch-up
premature preterm prematurity newborn newborns neonatal neonates babies baby :
    premature preterm prematurity newborn neonate neonatal baby infant
vaccination vaccine vaccines immunisation immunization :
    vaccination vaccine vaccinated immunisation immunization immunised booster
antibody antibodies immunity immune :
    antibody immunity immune immunogenicity titre titer seroconversion immunoglobulin
surgery surgical operation operations operate :
    surgery surgical operation operative perioperative postoperative surgeon resection
exercise activity training fitness :
    exercise training fitness physical aerobic walking rehabilitation
diet dietary food nutrition nutritional eating :
    diet dietary food nutrition nutritional eating meal intake fasting
smoking tobacco cigarette cigarettes nicotine :
    smoking smoker tobacco cigarette nicotine
alcohol drinking :
    alcohol drinking drinker ethanol
anxiety anxious worry :
    anxiety anxious panic anxiolytic
psychosis psychotic hallucinations dissociation dissociative :
    psychosis psychotic hallucination dissociation dissociative detachment depersonalization psychotomimetic
quality wellbeing well-being :
    quality wellbeing well-being qol satisfaction
biomarker biomarkers marker markers predictor predictors predict :
    biomarker marker predictor predictive predict prognostic
manufacturing manufacture production :
    manufacturing manufacture manufactured production produced allogeneic autologous off-the-shelf
delivery administration route routes :
    delivery administration administered route intravenous oral subcutaneous inhaled nasal infusion injection
interaction interactions :
    interaction interact cyp inducer inhibitor contraindicated concomitant
monitoring monitor follow-up surveillance :
    monitoring monitor monitored follow-up surveillance
ethnicity race racial ethnic minorities :
    ethnicity ethnic race racial black african hispanic asian minority
sex gender :
    sex gender women men woman man female male
women woman female :
    women woman female
men man male :
    men man male
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

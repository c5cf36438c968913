"""Which of a few languages a text is in, by its commonest words; ``""`` where it does not tell."""

import re

__all__ = ["language_of"]

_WORD = re.compile(r"[^\W\d_]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_OTHER_SCRIPT = re.compile(r"[\u3040-\u30ff\uac00-\ud7af\u0400-\u04ff\u0590-\u06ff\u0900-\u0e7f]")
_LOOKED_AT = 6000
_LEAST_SCORE = 2
_LEAST_HAN = 4

_WORDS: dict[str, str] = {
    "de": (
        "der die das und ist nicht ich sie wir ihr ihre ihren ihrem ein eine einen einem einer auf "
        "mit für von zu zum zur den dem des bei wird werden wurde haben hat sind auch aus nach wie "
        "dass bis über um bitte vielen dank sehr geehrte geehrter damen "
        "grüßen gruß freundlichen guten tag hallo uns im am als oder noch unsere unser kann "
        "können diese dieser sich mfg nur hier wer was wo wann warum er es man so da mehr dann "
        "wenn aber doch schon alle etwas jetzt anbei siehe welche welcher gibt beim ihrer ab seit"
    ),
    "en": (
        "the and is are not you we your our of to in for that this with have has will be was were "
        "please thank thanks regards dear hello hi from at on it an by can could would should "
        "if or as my me us there they their which do does am been but what when best kind sincerely"
    ),
    "nl": (
        "de het een en is niet ik wij u uw van voor met op aan te dat deze dit zijn wordt worden "
        "hebben heeft ook uit naar bij om maar graag dank bedankt geachte beste groet groeten "
        "vriendelijke met onze ons kunnen kan wat hoe als nog bent hallo mevrouw meneer"
    ),
    "tr": (
        "ve bir bu için ile de da olarak olan değil ne çok daha sayın merhaba teşekkür ederim "
        "ederiz saygılarımla saygılar lütfen var yok gibi kadar sonra biz siz ben bizim sizin "
        "iyi günler hakkında nasıl mi mı mu mü ediyorum istiyoruz rica"
    ),
    "fr": (
        "le la les des du de et est un une pas je nous vous votre vos notre nos pour dans avec sur "
        "que qui ce cette au aux en par plus sont être avoir merci bonjour cordialement madame "
        "monsieur si ne se il elle ou mais salutations veuillez"
    ),
    "pl": (
        "i w na nie z do się jest że to o jak za od po dla przez są proszę dziękuję dzień dobry "
        "pozdrawiam pozdrowieniami szanowni państwo państwa pan pani czy oraz może będzie nasz "
        "naszej już tylko które który poważaniem"
    ),
    "es": (
        "el la los las de y es un una no que en por para con su se del al lo como más pero este "
        "esta hola gracias saludos estimado estimada usted nuestro nuestra muy si está son"
    ),
    "it": (
        "il lo la i gli le di e è un una non che per con del della dei al alla da in sono questo "
        "questa ciao grazie saluti cordiali gentile buongiorno nostro vostra anche come più ma"
    ),
}
# letters that one of these languages uses and the others hardly ever do
_LETTERS = {
    "de": re.compile("[ßä]"),
    "tr": re.compile("[ışğ]"),
    "fr": re.compile("[èêàùœ]"),
    "pl": re.compile("[ąęłńśźż]"),
    "es": re.compile("[ñ¿¡]"),
}
_LANGUAGES: dict[str, tuple[str, ...]] = {}
for _name, _words in _WORDS.items():
    for _word in set(_words.split()):
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _name)


def language_of(*texts: str) -> str:
    """Give the ISO 639-1 code of the first text that tells: de, en, nl, tr, fr, pl, es, it, zh."""
    for text in texts:
        found = _language(text[:_LOOKED_AT])
        if found:
            return found
    return ""


def _language(text: str) -> str:
    han = len(_HAN.findall(text))
    if han >= _LEAST_HAN and han > 4 * len(_OTHER_SCRIPT.findall(text)):
        return "zh"
    scores: dict[str, float] = {}
    words = _WORD.findall(text.lower())
    for word in words:
        languages = _LANGUAGES.get(word, ())
        for name in languages:
            scores[name] = scores.get(name, 0) + 1 / len(languages)
    for name, letters in _LETTERS.items():
        found = sum(1 for word in words if letters.search(word))
        if found:
            scores[name] = scores.get(name, 0) + found
    if not scores:
        return ""
    best = max(scores, key=lambda name: scores[name])
    enough = scores[best] >= _LEAST_SCORE or scores[best] * 3 >= len(words)
    return best if enough else ""

"""Domains where anybody gets an address: they never tell which company somebody writes for."""

__all__ = ["FREE_MAIL"]

_NAMES = """
    gmail.com googlemail.com gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de
    outlook.com outlook.de hotmail.com hotmail.de live.com live.de msn.com yahoo.com yahoo.de
    icloud.com me.com mac.com aol.com aol.de mail.de mail.com email.de posteo.de posteo.net
    mailbox.org proton.me protonmail.com tutanota.com tuta.io arcor.de online.de 1und1.de
    unitybox.de unity-mail.de netcologne.de ewetel.net vodafone.de kabelmail.de alice.de
    versanet.de magenta.de o2mail.de o2online.de gmx.info yandex.com yandex.ru mail.ru qq.com
    163.com 126.com sina.com ziggo.nl kpnmail.nl hetnet.nl planet.nl home.nl xs4all.nl orange.fr
    free.fr laposte.net wanadoo.fr sfr.fr wp.pl onet.pl o2.pl interia.pl hotmail.nl hotmail.fr
    hotmail.it libero.it virgilio.it yahoo.co.uk btinternet.com duck.com zoho.com fastmail.com
    hey.com
"""

FREE_MAIL = frozenset(_NAMES.split())

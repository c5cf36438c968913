"""Domains where anybody gets an address: they never tell which company somebody writes for.

A provider that is missing here makes one company of all its customers, who could then read each
other's mail; one too many costs no more than that its own staff are known one by one.
"""

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
    hey.com t-mobile.de vodafonemail.de kabelbw.de kdwelt.de iesy.net ish.de ewe.net ewe-mail.de
    osnanet.de osna.net htp-tel.de teleos-web.de mnet-online.de mnet-mail.de onlinehome.de
    alice-dsl.net alice-dsl.de dokom.net wtnet.de wilhelm-tel.de willy-tel.de swb.de
    nord-com.net tng.de pfalzkom.de inexio.net deutsche-glasfaser.de dtnet.de muenet.net
    teledata.de helinet.de citykom.de bitel.de genion.de nexgo.de foni.net surfeu.de debitel.net
    addcom.de superkabel.de primacom.net tele-columbus.de pyur.com tele2.de tiscali.de lycos.de
    compuserve.de compuserve.com smart-mail.de firemail.de directbox.com eclipso.de eclipso.eu
    hushmail.com vollbio.de die-optimisten.net herr-der-mails.de bnhof.de freenetmail.de
    posteo.at posteo.ch posteo.eu tuta.com tutamail.com tutanota.de keemail.me pm.me
    protonmail.ch ymail.com rocketmail.com yahoo.at yahoo.fr yahoo.it yahoo.es yahoo.com.tr
    outlook.at outlook.fr outlook.it outlook.es hotmail.co.uk hotmail.es hotmail.at live.nl
    live.fr live.at live.co.uk gmx.eu gmx.org gmx.co.uk bluewin.ch hispeed.ch sunrise.ch aon.at
    a1.net chello.at chello.nl upcmail.nl telenet.be skynet.be casema.nl tin.it alice.it
    tiscali.it neuf.fr club-internet.fr gazeta.pl poczta.onet.pl seznam.cz abv.bg ukr.net
    mynet.com yandex.com.tr ya.ru bk.ru list.ru inbox.ru rambler.ru naver.com foxmail.com
    vip.qq.com yeah.net sohu.com sina.cn 139.com 189.cn aliyun.com mailfence.com runbox.com
    startmail.com aim.com
"""

FREE_MAIL = frozenset(_NAMES.split())

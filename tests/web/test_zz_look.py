from __future__ import annotations
import threading, os
from datetime import date, timedelta
from werkzeug.serving import make_server
from playwright.sync_api import sync_playwright
from pushsvc.store.session import transaction
from pushsvc.store.subscriptions import Wish, save_wishes
from tests.web.browser import Browser
from tests.web.making import person, publish

OUT="/tmp/notes/shots_w"
def test_look(app, ctx):
    os.makedirs(OUT, exist_ok=True)
    me = person(ctx, region="330106", stages=["养老","就医"])
    for n in range(1,8):
        publish(ctx, f"p{n}", n, title=f"云湾区关于进一步做好老旧小区适老化改造补贴申报工作的通知（第{n}批）", agencies=["云湾区人力资源和社会保障局"], topic="elder" if n%2 else "talent", region="330106", themes=["租房"], date_published=date(2026,6,n))
    with transaction(ctx.engine) as conn:
        save_wishes(conn,[Wish(me,"a",themes=("elder","租房"),agencies=("云湾区人力资源和社会保障局",),cadence="daily"),Wish(me,"b",industries=("I65","H62"),keyword="租房 补贴|公租房",all_of=("industries",))],ctx.clock())
    b = Browser(app).sign_in(person=me)
    cookie = b.client.get_cookie("pushsvc").value
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url=f"http://127.0.0.1:{server.port}"
    paths={"prefs":"/m/preferences","new":"/m/subscriptions/new","filled":"/m/subscriptions/new?theme=elder&theme=租房&industry=I65&industry=H62&agency_q=人社局&find=agency&keyword=租房 补贴|公租房&region=330106011","wrong":"/m/subscriptions/new?industry_q=没有&keyword=a|&agency_q=xx&step=preview","preview":"/m/subscriptions/new?theme=elder&region=330106&step=preview","none":"/m/subscriptions/new?industry=I65&step=preview",
     "ind":"/m/choose/industry?next=/m/&field=a","ind2":"/m/choose/industry?next=/m/&field=a&in=I65","indq":"/m/choose/industry?next=/m/&field=a&q=餐饮","reg":"/m/choose/region?next=/m/&field=a","reg2":"/m/choose/region?next=/m/&field=a&in=330106","regq":"/m/choose/region?next=/m/&field=a&q=西湖","regn":"/m/choose/region?next=/m/&field=a&in=110101","regx":"/m/choose/region?next=/m/&field=a&q=没有的"}
    with sync_playwright() as p:
        br=p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for width in (360,1280):
            for lang in ("zh","en"):
                for mode in ("standard","elder"):
                    if mode=="elder" and (width!=360): continue
                    c=br.new_context(user_agent=str(b.client.environ_base["HTTP_USER_AGENT"]),viewport={"width":width,"height":800}, java_script_enabled=True)
                    c.add_cookies([{"name":"pushsvc","value":cookie,"url":url}])
                    page=c.new_page()
                    msgs=[]
                    page.on("console", lambda m: msgs.append(m.text))
                    page.goto(f"{url}/m/preferences?lang={lang}&mode={mode}"+("&size=3" if mode=="elder" else ""))
                    for name,path in paths.items():
                        page.goto(url+path)
                        over=page.evaluate("document.documentElement.scrollWidth-document.documentElement.clientWidth")
                        small=page.evaluate("""[...document.querySelectorAll('main a.btn, main button:not(.vh), main select, main input:not([type=hidden]):not([type=radio]):not([type=checkbox])')].filter(e=>e.offsetParent&&e.getBoundingClientRect().height<43).map(e=>e.outerHTML.slice(0,90))""")
                        if over>0 or small or msgs: print(width,lang,mode,name,"overflow",over,small[:3],msgs[:3]); msgs.clear()
                        page.screenshot(path=f"{OUT}/{name}-{width}-{lang}-{mode}.png",full_page=True)
        br.close()
    server.shutdown()

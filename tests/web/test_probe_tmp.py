from __future__ import annotations
import pytest, re
from tests.web.browser import Browser
from tests.web.making import *
from tests.web.conftest import *
from tests.web.conftest import browser, app, ctx, make_app

@pytest.mark.parametrize("q", ["endpoint=x","_external=1","_scheme=javascript","_scheme=javascript&_external=1","_anchor=%22%3Ex","_method=FOO","self=1","page=-1","page=999999999999999999999999","page=1e9","q="+"%25"*60,"lang=xx","lang=en&lang=zh","values=1","view=saved","before=99999999999999999999","region=%00","kind[]=x", "policy_id=9", "csrf=1"])
def test_q(app, ctx, q):
    me=Browser(app).sign_in(person=person(ctx)); publish(ctx)
    for path in ("/","/policies/","/policies/1","/m/","/m/preferences","/m/inbox","/m/policies/1","/algorithm","/nothing","/m/sign-in","/u/x","/console/sign-in"):
        for lang in ("zh","en"):
            a=me.client.get(f"{path}?{q}&lang={lang}")
            page=a.get_data(as_text=True)
            if a.status_code>=500: print("500", path, q)
            if "javascript:" in page or 'href="//' in page or re.search(r'href="http://(?!.*original)', page): print("LINK", path, q, re.findall(r'href="[^"]*(?:javascript|http://)[^"]*"', page)[:2])
def test_methods(app, ctx):
    someone=person(ctx); publish(ctx)
    for lang in ("zh","en"):
        me=Browser(app).sign_in(person=someone); me.open(f"/m/?lang={lang}")
        for m,path,kw in [("PUT","/policies/",{}),("DELETE","/m/",{}),("POST","/policies/1",{}),("POST","/m/preferences/choices",{"data":{"a":"x"*(2<<20)}}),("POST","/m/preferences/choices",{"data":b"x"*(2<<20),"content_type":"multipart/form-data; boundary=x"}),("POST","/m/preferences/choices",{"data":{f"f{i}":"x" for i in range(5000)}}),("TRACE","/",{}),("GET","/%ff",{}),("GET","/m/%00",{}),("PATCH","/api/v1/policies",{}),("GET","/api/v1/nothing",{}),("POST","/api/v1/policies",{"data":"x"*(2<<20),"content_type":"application/json"}),("POST","/console/sign-in",{"data":{"name":"x"}})]:
            a=me.client.open(path, method=m, **kw)
            t=a.get_data(as_text=True)
            print(lang,m,path[:30],a.status_code,a.mimetype, re.findall(r"<h1>(.*?)</h1>",t) or t[:120], a.headers.get("Allow"))
def test_xff(app, ctx):
    c=app.test_client()
    print(c.get("/m/", headers={"X-Forwarded-Host":"evil.example","X-Forwarded-Proto":"https","Host":"evil.example"}).headers)
    p=c.get("/m/sign-in", headers={"Host":"evil.example"}).get_data(as_text=True); print("evil" in p)
def test_evil_policy(app, ctx):
    me=Browser(app).sign_in(person=person(ctx))
    x='"><script>alert(1)</script><img src=x onerror=y>{{7*7}}'
    publish(ctx, ref=x, title="长"*500, agency=x, doc_no=x, themes=[x], tags=[x], body=x*3, summary=x, amount=x, number=1, url="https://x.cn/\"onclick=1")
    for p in ("/policies/","/policies/1","/m/","/m/policies/1","/m/?view=latest"):
        page=me.open(p); 
        assert me.status==200
        if "<script>alert" in page or "<img src=x" in page or "49" in page and "{{7" not in page: print("XSS",p)

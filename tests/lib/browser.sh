# SPDX-License-Identifier: GPL-2.0-or-later
# A headless Chromium, driven through WebDriver (chromium-driver, curl, jq), for tests on the host.
#
#	browser_start               starts it; browser_stop ends it
#	browser_open FILE           loads a local file and waits until it is complete
#	browser_size WIDTH          width of the window in pixels
#	browser_scheme light|dark   what the page is told of the user's taste
#	browser_js 'return ...'     value of a script run in the page, as JSON
#	browser_shot FILE           screenshot of the whole page, PNG
#	browser_requests            every URL asked for since the last call, a line each
#	browser_errors              messages of the console since the last call
# shellcheck shell=sh

browser_start() {
	browser_dir=$(mktemp -d) || return 1
	# a port that nobody has: the driver chooses and tells
	chromedriver --port=0 >"$browser_dir/driver.log" 2>&1 &
	browser_pid=$!
	browser_left=100
	until browser_port=$(sed -n 's/.* on port \([0-9]*\)\.$/\1/p' "$browser_dir/driver.log" | head -n 1) && [ -n "$browser_port" ]; do
		[ $((browser_left -= 1)) -gt 0 ] || { cat "$browser_dir/driver.log"; return 1; }
		sleep 0.1
	done
	browser=http://localhost:$browser_port/session
	browser_id=$(browser_ask '' '{"capabilities": {"alwaysMatch": {
		"goog:chromeOptions": {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
			"--user-data-dir='"$browser_dir/profile"'"]},
		"goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}}}' | jq -r .sessionId) || return 1
	case $browser_id in '' | null) cat "$browser_dir/driver.log"; return 1 ;; esac
	browser=$browser/$browser_id
	# it begins with a page of its own
	browser_ask /url '{"url": "about:blank"}' >/dev/null && browser_requests >/dev/null
}
browser_stop() {
	curl -s -X DELETE "$browser" >/dev/null
	kill "$browser_pid" 2>/dev/null
	rm -rf "$browser_dir"
}
# browser_ask PATH BODY: the value of the answer; an error of the driver is one
browser_ask() {
	curl -s --max-time 60 "$browser$1" -d "$2" >"$browser_dir/answer" || return 1
	if jq -e '.value.error?' "$browser_dir/answer" >/dev/null 2>&1; then
		jq -r '.value.message' "$browser_dir/answer" >&2
		return 1
	fi
	jq -c .value "$browser_dir/answer"
}
browser_cdp() { browser_ask /goog/cdp/execute "{\"cmd\": \"$1\", \"params\": $2}"; }
browser_open() { browser_ask /url "{\"url\": \"file://$1\"}" >/dev/null; }
browser_size() {
	browser_cdp Emulation.setDeviceMetricsOverride \
		"{\"width\": $1, \"height\": 900, \"deviceScaleFactor\": 1, \"mobile\": false}" >/dev/null
}
browser_scheme() {
	browser_cdp Emulation.setEmulatedMedia \
		"{\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"$1\"}]}" >/dev/null
}
browser_js() { browser_ask /execute/sync "$(jq -n --arg script "$1" '{script: $script, args: []}')"; }
browser_shot() {
	browser_cdp Page.captureScreenshot '{"format": "png", "captureBeyondViewport": true}' | jq -r .data | base64 -d >"$1"
}
browser_requests() {
	browser_ask /se/log '{"type": "performance"}' |
		jq -r '.[].message | fromjson | .message | select(.method == "Network.requestWillBeSent") | .params.request.url'
}
browser_errors() { browser_ask /se/log '{"type": "browser"}' | jq -r '.[] | .level + " " + .message'; }

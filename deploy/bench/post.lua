-- Each request with an Idempotency-Key of its own.
local body = io.open(os.getenv("BENCH_BODY")):read("*a")
local prefix = os.getenv("BENCH_KEY_PREFIX")
local number = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = os.getenv("BENCH_AUTHORIZATION")

request = function()
  number = number + 1
  wrk.headers["Idempotency-Key"] = prefix .. number
  return wrk.format(nil, nil, nil, body)
end

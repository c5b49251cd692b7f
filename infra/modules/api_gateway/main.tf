# The door of partners: keys, usage plans and throttling, before the same servers. A REST API, since
# HTTP APIs have neither keys nor usage plans. Sockets do not go through it: those of API Gateway are a
# protocol of its own, without the subprotocol that our clients speak; partners open them at the page's
# host. A key counts and throttles; who somebody is, his token says (docs/decisions/0032).

locals {
  # Path, method, and whether a key is asked for.
  doors = {
    graphql    = { under = "root", part = "graphql", method = "POST", key = true }
    token      = { under = "oauth", part = "token", method = "POST", key = true }
    revoke     = { under = "oauth", part = "revoke", method = "POST", key = true }
    introspect = { under = "oauth", part = "introspect", method = "POST", key = true }
    metadata   = { under = "known", part = "oauth-authorization-server", method = "GET", key = false }
    keys       = { under = "known", part = "jwks.json", method = "GET", key = false }
  }
  folders = { oauth = "oauth", known = ".well-known" }
  above   = merge({ root = aws_api_gateway_rest_api.this.root_resource_id }, { for name, folder in aws_api_gateway_resource.folder : name => folder.id })
  path    = { root = "", oauth = "/oauth", known = "/.well-known" }
}

resource "aws_api_gateway_rest_api" "this" {
  name                         = "${var.name}-partners"
  description                  = "What partners ask"
  disable_execute_api_endpoint = true # by our own host, or not at all
  minimum_compression_size     = -1   # the server compresses

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_resource" "folder" {
  for_each = local.folders

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = each.value
}

resource "aws_api_gateway_resource" "door" {
  for_each = local.doors

  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = local.above[each.value.under]
  path_part   = each.value.part
}

resource "aws_api_gateway_method" "this" {
  #checkov:skip=CKV_AWS_59:who somebody is, the server finds out; the gateway counts by keys
  #checkov:skip=CKV2_AWS_53:the server looks at what is asked, and says what to mend
  for_each = local.doors

  rest_api_id      = aws_api_gateway_rest_api.this.id
  resource_id      = aws_api_gateway_resource.door[each.key].id
  http_method      = each.value.method
  authorization    = "NONE"
  api_key_required = each.value.key
}

resource "aws_apigatewayv2_vpc_link" "this" {
  name               = "${var.name}-partners"
  subnet_ids         = var.subnet_ids
  security_group_ids = [var.security_group_id]
}

resource "aws_api_gateway_integration" "this" {
  for_each = local.doors

  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_resource.door[each.key].id
  http_method             = aws_api_gateway_method.this[each.key].http_method
  type                    = "HTTP_PROXY"
  integration_http_method = each.value.method
  connection_type         = "VPC_LINK"
  connection_id           = aws_apigatewayv2_vpc_link.this.id
  integration_target      = var.balancer_arn
  uri                     = "https://${var.origin_host}${local.path[each.value.under]}/${each.value.part}"
  timeout_milliseconds    = 15000 # an operation has ten seconds

  request_parameters = {
    "integration.request.header.x-origin-verify" = "'${var.origin_secret}'"
    "integration.request.header.x-api-key"       = "''" # it counts here, and is nobody's business behind
  }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  triggers = {
    doors = sha256(jsonencode([local.doors, var.origin_host, var.balancer_arn]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_integration.this]
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/${var.name}/partners"
  retention_in_days = var.log_days
  kms_key_id        = var.log_key_arn
}

# API Gateway makes this one itself, if it is not there: without a key and for ever.
resource "aws_cloudwatch_log_group" "execution" {
  name              = "API-Gateway-Execution-Logs_${aws_api_gateway_rest_api.this.id}/v1"
  retention_in_days = 30
  kms_key_id        = var.log_key_arn
}

resource "aws_api_gateway_stage" "this" {
  #checkov:skip=CKV_AWS_120:answers are nobody else's
  #checkov:skip=CKV2_AWS_51:partners prove themselves by OAuth (docs/decisions/0032)
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = "v1"
  xray_tracing_enabled = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      at    = "$context.requestTime", id = "$context.requestId", key = "$context.identity.apiKeyId"
      door  = "$context.resourcePath", status = "$context.status", ms = "$context.responseLatency"
      bytes = "$context.responseLength"
    })
  }

  depends_on = [aws_cloudwatch_log_group.execution]
}

resource "aws_api_gateway_method_settings" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false # bodies are never logged
    throttling_rate_limit  = var.rate
    throttling_burst_limit = var.burst
    #checkov:skip=CKV_AWS_225:answers are nobody else's
    caching_enabled      = false
    cache_data_encrypted = true
  }
}

resource "aws_api_gateway_usage_plan" "this" {
  for_each = var.plans

  name        = "${var.name}-${each.key}"
  description = each.value.description

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }

  throttle_settings {
    rate_limit  = each.value.rate
    burst_limit = each.value.burst
  }

  quota_settings {
    limit  = each.value.a_day
    period = "DAY"
  }
}

resource "aws_api_gateway_domain_name" "this" {
  domain_name              = var.host
  regional_certificate_arn = var.certificate_arn
  security_policy          = "TLS_1_2"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_base_path_mapping" "this" {
  api_id      = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  domain_name = aws_api_gateway_domain_name.this.domain_name
}

resource "aws_iam_role" "logs" {
  name = "${var.name}-apigateway-logs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.logs.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  cloudwatch_role_arn = aws_iam_role.logs.arn
}

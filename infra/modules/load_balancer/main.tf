# From CloudFront to the servers. Sockets live for days: the server says something every 25 seconds
# on each, and what is silent for longer than the idle timeout is dead.
#
# There are no access logs: they hold paths, and whoever has the path of a calendar's feed has the
# feed (docs/decisions/0045). Connections are logged, and CloudFront's log has everything but paths.

resource "aws_lb" "this" {
  #checkov:skip=CKV_AWS_91:access logs would hold the secret paths of calendar feeds
  #checkov:skip=CKV2_AWS_20:there is no listener on port 80 at all
  name               = var.name
  load_balancer_type = "application"
  internal           = false
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_id]

  idle_timeout               = var.idle_seconds
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  preserve_host_header       = true
  enable_http2               = true
  enable_zonal_shift         = true
  enable_deletion_protection = var.deletion_protection

  connection_logs {
    bucket  = var.log_bucket
    prefix  = "connections"
    enabled = true
  }
}

# Two, between which CodeDeploy turns the traffic.
resource "aws_lb_target_group" "this" {
  for_each = toset(["blue", "green"])

  name        = "${var.name}-${each.key}"
  vpc_id      = var.vpc_id
  port        = 8000
  protocol    = "HTTP"
  target_type = "ip"

  # As long as the server gives to what runs (docs/decisions/0020): ECS lets it pass before it sends
  # SIGTERM, and what is open then is asked to come back, with its cursor.
  deregistration_delay = var.drain_seconds
  # Sockets stay where they are, so that a new server has to be given its share of what comes.
  load_balancing_algorithm_type = "least_outstanding_requests"

  # New servers are asked nothing before they are ready. ECS replaces those that are called unhealthy,
  # so that it takes longer than a failover of the database (docs/decisions/0053).
  health_check {
    path                = "/readyz"
    matcher             = "200"
    interval            = 15
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 10
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "this" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["blue"].arn
  }

  lifecycle {
    ignore_changes = [default_action] # CodeDeploy's from then on
  }
}

# Where CodeDeploy shows the new servers before anybody else sees them, to jobs alone.
resource "aws_lb_listener" "test" {
  load_balancer_arn = aws_lb.this.arn
  port              = 8443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this["green"].arn
  }

  lifecycle {
    ignore_changes = [default_action]
  }
}

# Requests reach the server only through the load balancer, and only with TLS.

resource "aws_lb" "this" {
  name                       = var.name
  load_balancer_type         = "application"
  subnets                    = var.network.public_subnet_ids
  security_groups            = [aws_security_group.load_balancer.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = !var.force_delete
  # A log stream is idle between lines: the server sends a comment every 15 seconds.
  idle_timeout = 60
  tags         = var.common.tags
}

resource "aws_lb_target_group" "server" {
  name                 = "${var.name}-server"
  vpc_id               = var.network.vpc_id
  target_type          = "ip"
  protocol             = "HTTP"
  port                 = local.port
  deregistration_delay = 30
  tags                 = var.common.tags

  health_check {
    path                = "/healthz"
    matcher             = "200"
    interval            = 15
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.domain.certificate_arn
  tags              = var.common.tags

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.server.arn
  }

  lifecycle {
    precondition {
      condition     = split(":", var.domain.certificate_arn)[3] == local.region
      error_message = "The certificate of domain must be in ${local.region}, the region of the load balancer. Request it there in ACM."
    }
  }
}

resource "aws_route53_record" "this" {
  count = var.domain.zone_id == null ? 0 : 1

  zone_id = var.domain.zone_id
  name    = var.domain.name
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = false
  }
}

resource "aws_security_group" "load_balancer" {
  name        = "${var.name}-load-balancer"
  description = "Load balancer of ${var.name}"
  vpc_id      = var.network.vpc_id
  tags        = merge(var.common.tags, { Name = "${var.name}-load-balancer" })
}

resource "aws_vpc_security_group_ingress_rule" "load_balancer" {
  for_each = toset(var.allowed_cidrs)

  security_group_id = aws_security_group.load_balancer.id
  description       = "People, clients and GitHub"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = each.key
  tags              = var.common.tags
}

resource "aws_vpc_security_group_egress_rule" "load_balancer" {
  security_group_id            = aws_security_group.load_balancer.id
  description                  = "The server"
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
  referenced_security_group_id = aws_security_group.server.id
  tags                         = var.common.tags
}

resource "aws_security_group" "server" {
  name        = "${var.name}-server"
  description = "Server of ${var.name}"
  vpc_id      = var.network.vpc_id
  tags        = merge(var.common.tags, { Name = "${var.name}-server" })
}

resource "aws_vpc_security_group_ingress_rule" "server" {
  security_group_id            = aws_security_group.server.id
  description                  = "The load balancer"
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
  referenced_security_group_id = aws_security_group.load_balancer.id
  tags                         = var.common.tags
}

resource "aws_vpc_security_group_egress_rule" "server" {
  security_group_id = aws_security_group.server.id
  description       = "AWS services and GitHub"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
  tags              = var.common.tags
}

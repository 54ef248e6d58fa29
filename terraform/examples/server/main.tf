# One server instead of functions: `berth serve` on Fargate behind a load balancer. Tests run on the same cluster.

locals {
  tags = { "berth:installation" = var.project }

  common = { tags = local.tags }
}

module "network" {
  source = "../../modules/network"

  name   = var.project
  common = local.common
}

module "ecs_role" {
  source = "../../modules/service-linked-role"

  name    = var.project
  service = "ecs"
  tags    = local.tags
}

module "runner" {
  source = "../../modules/runner"

  name         = var.project
  common       = local.common
  image_tag    = var.image_tag
  force_delete = !var.deletion_protection

  registry_secrets = { prefix = "/${var.project}/secrets/" }

  # Without the role, ECS cannot attach network interfaces to tasks.
  depends_on = [module.ecs_role]
}

data "aws_caller_identity" "current" {}

module "storage" {
  source = "../../modules/storage"

  name                = var.project
  bucket_name         = "${var.project}-${data.aws_caller_identity.current.account_id}-${var.region}"
  deletion_protection = var.deletion_protection
  tags                = local.tags
}

module "server" {
  source = "../../modules/server"

  name                  = var.project
  common                = local.common
  image_tag             = var.server_image_tag
  domain                = var.domain
  allowed_cidrs         = var.allowed_cidrs
  runner                = module.runner
  table                 = { name = module.storage.table_name, arn = module.storage.table_arn }
  bucket                = { name = module.storage.bucket_name, arn = module.storage.bucket_arn }
  github_app_secret_arn = var.github_app_secret_arn
  secrets_prefix        = "/${var.project}/secrets/"
  force_delete          = !var.deletion_protection

  network = {
    vpc_id            = module.network.vpc_id
    vpc_cidr          = module.network.vpc_cidr
    subnet_ids        = module.network.subnet_ids
    public_subnet_ids = module.network.subnet_ids
    security_group_id = module.network.security_group_id
    assign_public_ip  = module.network.assign_public_ip
  }
}

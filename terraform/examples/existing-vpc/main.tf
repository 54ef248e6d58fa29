# An existing VPC, found by its tags. Terraform adds only a security group for the tasks.

module "berth" {
  source = "../.."

  region              = var.region
  project             = var.project
  image_tag           = var.image_tag
  lambda_zip          = var.lambda_zip
  github_app_secret   = var.github_app_secret
  deletion_protection = var.deletion_protection

  create_vpc  = false
  vpc_tags    = var.vpc_tags
  subnet_tags = var.subnet_tags

  capacity_provider_weights = {
    fargate      = 1
    fargate_spot = 3
  }
}

# The least that Berth can cost: under a dollar a month while nothing runs. Tasks have public addresses and let nobody
# in; there is no NAT gateway, no interface endpoint and no key to pay for.

module "berth" {
  source = "../.."

  region              = var.region
  project             = var.project
  image_tag           = var.image_tag
  lambda_zip          = var.lambda_zip
  github_app_secret   = var.github_app_secret
  deletion_protection = var.deletion_protection

  # Four alarms of 0.10 USD; with all of them it would be a dollar for the alarms alone.
  alarms           = ["dead_letters", "failed_requests", "launches", "sweep"]
  create_dashboard = false
}

# The cheapest installation: less than a dollar a month while no test runs. Tasks have public IP addresses and accept no
# inbound traffic. There is no NAT gateway, no interface endpoint and no KMS key.

module "berth" {
  source = "../.."

  region              = var.region
  project             = var.project
  image_tag           = var.image_tag
  lambda_zip          = var.lambda_zip
  github_app_secret   = var.github_app_secret
  deletion_protection = var.deletion_protection

  # Four alarms of 0.10 USD. All of them would cost 1.10 USD.
  alarms           = ["dead_letters", "failed_requests", "launches", "sweep"]
  create_dashboard = false
}

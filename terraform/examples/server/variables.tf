variable "region" {
  type        = string
  default     = "us-east-1"
  description = "Region to install Berth in."
}

variable "project" {
  type        = string
  default     = "berth"
  description = "Name of this installation."
}

variable "domain" {
  type = object({
    name            = string
    certificate_arn = string
    zone_id         = optional(string)
  })
  description = "Domain name of the server, its ACM certificate in this region, and the Route 53 zone for its record."
}

variable "allowed_cidrs" {
  type        = list(string)
  default     = ["0.0.0.0/0"]
  description = "IPv4 blocks that may reach the server. GitHub must be among them, and the addresses of tasks."
}

variable "image_tag" {
  type        = string
  default     = "latest"
  description = "Tag of the runner's image."
}

variable "server_image_tag" {
  type        = string
  default     = "latest"
  description = "Tag of the server's image."
}

variable "github_app_secret_arn" {
  type        = string
  default     = null
  description = "ARN of a secret in Secrets Manager with the GitHub App as JSON: appId, privateKey, webhookSecret, clientId and clientSecret. If null, Berth runs without GitHub."
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "Whether Terraform refuses to delete stored data. Set it to false and apply before you uninstall."
}

variable "name" {
  type        = string
  description = "Name of the role."
}

variable "berth_role_arns" {
  type        = list(string)
  description = "Roles of Berth's functions: the values of the output `function_role_arns`."

  validation {
    condition     = length(var.berth_role_arns) > 0 && alltrue([for arn in var.berth_role_arns : !strcontains(arn, "*")])
    error_message = "Name the roles of Berth's functions, without patterns."
  }
}

variable "project_id" {
  type        = string
  description = "ID of the project in Berth, such as `gh-1001` for the repository with this ID on GitHub. `GET /projects` lists them."

  validation {
    condition     = can(regex("^[\\w+=,.@:/-]{2,200}$", var.project_id))
    error_message = "The ID of one project, without patterns."
  }
}

variable "branches" {
  type        = list(string)
  default     = ["*"]
  description = "Branches that may use the role; `*` matches any characters. A tag is `tag:<name>`, and a run that a request started `api:<branch>`."
}

variable "policy" {
  type        = string
  default     = null
  description = "What the role may do, as JSON. Limit it to the stack by `$${aws:PrincipalTag/berth:stack}`: docs/deploy-roles.md has examples."
}

variable "policy_arns" {
  type        = list(string)
  default     = []
  description = "Managed policies of the role."
}

variable "role_path" {
  type        = string
  default     = "/"
  description = "Path of the role."
}

variable "role_permissions_boundary" {
  type        = string
  default     = null
  description = "ARN of the policy that limits the role."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of all resources."
}

#include "sdk/guest_answers.h"

#include <algorithm>
#include <pugixml.hpp>

#include "simulator/xml_text.h"

namespace prl::sdk {

namespace {

void put_if_any(pugi::xml_node node, const char* name, const std::string& text) {
  if (!text.empty()) node.append_child(name).text().set(text.c_str());
}

// In double quotes, on one line.
std::string quoted(std::string text) {
  std::erase_if(
      text, [](char letter) { return letter == '"' || static_cast<unsigned char>(letter) < ' '; });
  return "\"" + text + "\"";
}

pugi::xml_node add_component(pugi::xml_node root, const char* pass, const char* name) {
  pugi::xml_node settings = root.append_child("settings");
  settings.append_attribute("pass").set_value(pass);
  pugi::xml_node component = settings.append_child("component");
  component.append_attribute("name").set_value(name);
  return component;
}

}  // namespace

sim::MediaFile windows_answers(const InstallAnswers& answers) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("unattend");
  root.append_attribute("xmlns").set_value("urn:schemas-microsoft-com:unattend");
  pugi::xml_node setup = add_component(root, "windowsPE", "Microsoft-Windows-Setup");
  pugi::xml_node user_data = setup.append_child("UserData");
  put_if_any(user_data, "AcceptEula", "true");
  put_if_any(user_data, "FullName", answers.full_name.empty() ? answers.user : answers.full_name);
  put_if_any(user_data, "Organization", answers.company);
  put_if_any(user_data.append_child("ProductKey"), "Key", answers.serial_key);
  if (!answers.distribution.empty()) {
    pugi::xml_node image = setup.append_child("ImageInstall").append_child("OSImage");
    put_if_any(image.append_child("InstallFrom"), "Path", answers.distribution);
  }
  pugi::xml_node shell = add_component(root, "oobeSystem", "Microsoft-Windows-Shell-Setup");
  pugi::xml_node account =
      shell.append_child("UserAccounts").append_child("LocalAccounts").append_child("LocalAccount");
  put_if_any(account, "Name", answers.user);
  put_if_any(account, "DisplayName", answers.full_name);
  put_if_any(account.append_child("Password"), "Value", answers.password);
  put_if_any(account, "Group", "Administrators");
  return {"Autounattend.xml", sim::xml_text(document, "  ")};
}

sim::MediaFile old_windows_answers(const InstallAnswers& answers) {
  std::string text = "[Unattended]\r\nUnattendMode=FullUnattended\r\nOemSkipEula=Yes\r\n";
  text += "[UserData]\r\nFullName=" + quoted(answers.user) + "\r\n";
  text += "OrgName=" + quoted(answers.company) + "\r\n";
  text += "ProductKey=" + quoted(answers.serial_key) + "\r\n";
  return {"WINNT.SIF", text};
}

sim::MediaFile linux_answers(const InstallAnswers& answers) {
  std::string text = "# Answers for the installer, by prlsim\n";
  text += "harddrive --dir=" + quoted(answers.distribution) + "\n";
  text += "user --name=" + quoted(answers.user) + " --gecos=" + quoted(answers.full_name) +
          " --plaintext --password=" + quoted(answers.password) + "\n";
  return {"ks.cfg", text + "autopart\nreboot\n"};
}

}  // namespace prl::sdk
